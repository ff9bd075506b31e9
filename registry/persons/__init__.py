"""Enrolled persons: consent, photos, review, search, erasure. Each person's data is encrypted with its own
key.

Owns: `face_assessment`, `person`, `person_event`.

Events: `person.*`, `face_assessment.*`.

How a person is protected:
1. `api.py` takes name, scope and consent; `service/proposal.py` stores them under a key of their own.
2. `photos/service.py` keeps a photo until `workers/tasks/read_photo.py` has read the face.
3. `service/review.py`: a second person confirms the enrolment.
4. `search/service.py` compares the faces of lookups and entries, within the scope.
5. `erasure/service.py` deletes the key when consent ends.
"""
