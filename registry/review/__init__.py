"""Human decisions: the review queue, opinions on matches, disputes.

Events: `review.*`, `opinion.*`, `dispute.*`.

How a decision is made:
1. `queue/service/queue.py` lists waiting entries; one reviewer at a time claims an entry.
2. `queue/service/decisions.py` records the decision; `queue/service/tiers.py` sets the entry's tier
   by the rule of tiers in `queue/model.py`.
3. `opinions/service.py` stores callers' opinions on matches.
4. `disputes/service/disputes.py` opens disputes and stores answers; a dispute can suspend the entry.
5. `disputes/service/decision.py` decides it.
"""
