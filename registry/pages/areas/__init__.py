"""The console's areas, one file each. `registry/pages/__init__.py` says how a page is added."""
