"""Photos of a person to be enrolled: kept encrypted, read once, judged, deleted after review. Owns:
`person_photo`."""
