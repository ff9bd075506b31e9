"""Photos for enrolment: stored encrypted, analysed once, judged, deleted after review.

Owns: `person_photo`.
"""
