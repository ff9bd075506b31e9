"""The values of a sound, of both algorithms."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from registry.catalogue.fingerprints.model import audio, peaks
from registry.catalogue.fingerprints.model.audio import Values
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint


class Heard(Protocol):
    """What has a sound: values of chromaprint.1 and of peaks.1. Either may be empty."""

    @property
    def audio(self) -> Values: ...
    @property
    def peaks(self) -> Values: ...


class Sounds(NamedTuple):
    """A sound without what it belongs to."""

    audio: Values
    peaks: Values

    @classmethod
    def of(cls, fingerprint: Fingerprint) -> Sounds:
        """Return the sound of a fingerprint."""
        return cls(audio.values(fingerprint.audio), peaks.values(fingerprint.peaks))
