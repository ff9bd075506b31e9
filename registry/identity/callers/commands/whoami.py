"""`fakeprint whoami`: whose key is this, and what may it do?"""

from __future__ import annotations

import click

from registry.core.terminal import ending, options
from registry.core.terminal.report import print_json, told
from registry.identity.callers.commands import shown_callers


@click.command(short_help="Show whose key you use, and what it may do.")
@options.json
@options.service
def whoami(as_json: bool, service: options.Service) -> int:
    """Show your organization, roles, limits with what is used of them, and when your key ends.

    \b
    Examples:
      fakeprint whoami
      fakeprint whoami --json
    """
    with told({}, as_json=as_json), service.connect() as client:
        found = client.get("/v1/callers/me").body
    if as_json:
        print_json(found)
    else:
        for line in shown_callers.me(found):
            click.echo(line)
    return ending.DONE
