"""Search everywhere: its page, what each subject finds, and pages by name."""
