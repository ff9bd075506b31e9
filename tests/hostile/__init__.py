"""Files that are made to cost: small to send, and endless or enormous to read.

Programs make them; none is stored.
"""
