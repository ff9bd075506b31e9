"""The composition root: the only room that knows all others. The processes (API, console, command line),
the table of
permissions, the sweeper, offboarding, the embedded default."""
