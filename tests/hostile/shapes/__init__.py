"""The fields and parts of files, by format, so that a change of one field leaves the rest of a file well-
formed.
"""
