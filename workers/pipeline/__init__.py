"""Bytes of media into a fingerprint: read, chaptered, in segments where a video is long."""
