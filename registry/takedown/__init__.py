"""Takedown notices: campaigns, delivery, replies, deadlines, recurrences and evidence.

Events: `client.*`, `mandate.*`, `campaign.*`, `notice.*`, `evidence.*`.

How a notice is sent and followed:
1. `clients/service.py` records client and mandate, `campaigns/service/campaigns.py` the campaign.
2. `url_lists/model/url_list.py` reads addresses, `notices/service/creation.py` creates notices from them.
3. `notices/service/preparation.py` checks notices; `delivery/service/sending.py` sends complete ones.
4. `delivery/service/dispatch.py` makes one attempt per job; `replies/service/replies.py` matches answers.
5. `notices/service/breaches.py` reports passed terms, `recurrences/service/findings.py` handles recurrences.
6. `evidence/service/bundles.py` packs the evidence for a court.
"""
