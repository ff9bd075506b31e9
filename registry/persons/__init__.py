"""Enrolled persons: consent, photos, review, search, erasure. Each person's data is encrypted with its own
key.

Owns: `face_assessment`, `person`, `person_event`.
"""
