"""`fakeprint admin`: organizations, callers, keys and banks."""

from __future__ import annotations

import click

from registry.catalogue.banks.commands import bank
from registry.identity.accounts.commands import account
from registry.identity.callers.commands import caller, key
from registry.identity.organizations.commands import organization
from registry.jobs.commands import job
from registry.lineage.commands import relink
from registry.matching.abuse.commands import reconstruction
from registry.persons.commands.assessment import assessment
from registry.review.opinions.commands import opinions
from registry.sharing.webhooks.commands import webhook

EPILOG = """\b
Examples:
  fakeprint admin bank add elections --visibility private
  fakeprint admin bank list
  fakeprint admin bank set elections face_retention_days=30
  fakeprint admin bank share elections "Daily News"
  fakeprint admin opinions --json              opinions on matches, for calibration
  fakeprint admin job list                     dead letters of the workers
  fakeprint admin relink                       search again for entries with the same footage
  fakeprint admin caller add "upload pipeline" --role lookup
  fakeprint admin caller add newsroom --role lookup --role register --organization "Daily News"
  fakeprint admin account add ana@example.org --role review    a person who signs in to the console
  fakeprint admin key rotate "upload pipeline" --overlap 24
  fakeprint admin reconstruction "Daily News" --lift  a false alarm: answer its lookups again
  fakeprint admin organization list            all organizations, for the operator
"""


@click.group(epilog=EPILOG, short_help="Manage organizations, callers, keys and banks.")
def admin() -> None:
    """Manage organizations, callers, keys and banks. Needs a key with the role `admin`."""


for _command in (
    *(account, organization, caller, key, bank, assessment, job, opinions, reconstruction, relink, webhook),
):
    admin.add_command(_command)
