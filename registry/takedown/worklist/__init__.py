"""Lists of what waits for a person in all campaigns: deadlines, letters, recurrences."""
