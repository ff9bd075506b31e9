"""Django: a form field that refuses known fakes, in one file.

Run: FAKEPRINT_URL=… FAKEPRINT_KEY=… python -m django runserver --settings django_app 8001
Then: curl -F clip=@clip.mp4 http://127.0.0.1:8001/upload
"""

from __future__ import annotations

from pathlib import Path
from tempfile import mkdtemp

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import HttpRequest, JsonResponse
from django.urls import path
from policy import NO_ANSWER, check, client

from fakeprint import NotYet

SECRET_KEY = "only for this example"
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
ROOT_URLCONF = __name__
MEDIA_ROOT = mkdtemp()
# Each upload lies in a file, however small: the client sends files.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]


def not_a_known_fake(upload: TemporaryUploadedFile) -> None:
    """A validator. Its `code` tells the view what to do: `hold` refuses, `review` waits for a person."""
    try:
        with client() as registry:
            decided = check(registry, Path(upload.temporary_file_path()))
    except NotYet as later:
        raise ValidationError("This clip is still being checked.", code="later") from later
    except NO_ANSWER as error:
        raise ValidationError("This clip cannot be checked now.", code="later") from error
    if decided != "publish":
        raise ValidationError("This clip has to be looked at by a person.", code=decided)


class UploadForm(forms.Form):
    """The form of an upload page."""

    clip = forms.FileField(validators=[not_a_known_fake])


def upload(request: HttpRequest) -> JsonResponse:
    """Answer 201 for a clip that is published, 409 for one that is held back, with the reason."""
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        return JsonResponse({"action": "publish"}, status=201)
    [error, *_] = form.errors.as_data()["clip"]
    return JsonResponse({"action": error.code, "detail": error.message}, status=409)


urlpatterns = [path("upload", upload)]
