"""Takedown notices: campaigns, delivery, replies, deadlines, recurrences and evidence.

Events: `client.*`, `mandate.*`, `campaign.*`, `notice.*`, `evidence.*`.

How a notice is sent and followed:
1. `clients/service.py` records client and mandate, `campaigns/service/campaigns.py` the campaign.
2. `url_lists/model/url_list.py` reads addresses, `notices/service/creation.py` makes notices of them.
3. `notices/service/preparation.py` finds what is missing; `delivery/service/sending.py` sends the rest.
4. `delivery/service/dispatch.py` makes one attempt a job; `replies/service/replies.py` matches answers.
5. `notices/service/breaches.py` reports passed terms, `recurrences/service/bring_back.py` what came back.
6. `evidence/service/bundles.py` packs all of it for a court.
"""
