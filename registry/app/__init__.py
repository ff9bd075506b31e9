"""Puts the rooms together: API, console, command line, permissions, sweeper, embedded default. The only
room that knows all others."""
