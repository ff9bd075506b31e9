"""Fingerprints: algorithms and versions, the fingerprint document, hash distances; long videos in segments.

Owns: `frame_fingerprint`, `face_fingerprint`, `video_fingerprint`, `audio_fingerprint`,
`asset_algorithm`, `frame_vector`, `division`, `segment`, `refingerprinting`.
"""
