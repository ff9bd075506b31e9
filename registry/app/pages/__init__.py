"""The console as one application: its areas and its home page."""
