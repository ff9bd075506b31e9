"""Recurrences: fakes that are found again where a platform had removed them. Owns: `recurrence`."""
