"""The command line in a process of its own: `python -m registry.app.commands`."""

from registry.app.commands import main

main(prog_name="fakeprint")
