"""The console in Chromium: a package, with whose last test the browser ends."""
