"""Enrolled persons: consent, photos, review, search, erasure. Their data is encrypted under a key per
person.
Owns: `face_assessment`, `person`, `person_event`."""
