"""`fakeprint takedown`: its commands."""

from __future__ import annotations

import click

from registry.takedown.campaigns.commands.campaigns import COMMANDS as CAMPAIGNS
from registry.takedown.campaigns.commands.changes import COMMANDS as CHANGES
from registry.takedown.campaigns.commands.release import release
from registry.takedown.clients.commands import client_, mandate
from registry.takedown.delivery.commands.deliveries import deliveries, send
from registry.takedown.delivery.commands.hand_over import COMMANDS as HAND_OVERS
from registry.takedown.delivery.commands.retract import retract
from registry.takedown.evidence.commands.bundle import bundle
from registry.takedown.evidence.commands.exhibit import COMMANDS as EXHIBITS
from registry.takedown.notices.commands.breaches import COMMANDS as BREACHES
from registry.takedown.notices.commands.check import check
from registry.takedown.notices.commands.decisions import COMMANDS as DECISIONS
from registry.takedown.notices.commands.log import COMMANDS as LOGS
from registry.takedown.notices.commands.moves import move
from registry.takedown.recurrences.commands import COMMANDS as RECURRENCES
from registry.takedown.regimes.commands import regimes
from registry.takedown.replies.commands import COMMANDS as REPLIES
from registry.takedown.reports.commands import COMMANDS as REPORTS

EPILOG = """\b
Examples:
  fakeprint takedown new "Face swaps of Ana" --entry ENTRY --client "Partido X" --depicted "Ana Ejemplo" \\
    --mandate mandate.pdf --until 2027-01-31 --signatory "Lucía Letrada" --capacity representative \\
    --email lucia@bufete.example --good-faith --regime dsa16 --say explanation="She never did this."
  fakeprint takedown add CAMPAIGN urls.csv     a notice for each address
  fakeprint takedown check CAMPAIGN            what each notice lacks
  fakeprint takedown check CAMPAIGN --regime dsa16 --answer in_union=yes --answer satire=no
  fakeprint takedown check CAMPAIGN --seen NOTICE --prepare
  fakeprint takedown send CAMPAIGN --dry-run   the letters and their recipients
  fakeprint takedown replies inbox.mbox        import replies
  fakeprint takedown status CAMPAIGN
  fakeprint takedown log CAMPAIGN NOTICE       the history of a notice
  fakeprint takedown move CAMPAIGN remove NOTICE --why told_by_mail
  fakeprint takedown exhibit CAMPAIGN NOTICE screenshot.png
  fakeprint takedown bundle CAMPAIGN -o evidence.zip
"""


@click.group(epilog=EPILOG, short_help="Ask platforms to remove fakes: notices, replies, evidence.")
def takedown() -> None:
    """Send takedown notices in campaigns, one notice per address. Needs a key with the role `takedown`.

    A notice is sent only with a reviewed entry, a valid mandate, a signatory, and a ground that a person has
    confirmed."""


for _command in (
    *(client_, mandate, regimes, check, send, deliveries, bundle, move, retract),
    *(*CAMPAIGNS, *CHANGES, *LOGS, *HAND_OVERS, *DECISIONS, *BREACHES, *EXHIBITS, *RECURRENCES, *REPLIES),
    *(*REPORTS, release),
):
    takedown.add_command(_command)
