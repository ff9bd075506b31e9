"""Human decisions: the review queue, opinions on matches, disputes.

Events: `review.*`, `opinion.*`, `dispute.*`.

How a decision is made:
1. `queue/service/queue.py` lists what waits and lends an item to one reviewer at a time.
2. `queue/service/decisions.py` records the decision; `queue/service/tiers.py` sets the entry's tier
   by the rule of tiers in `queue/model.py`.
3. `opinions/service.py` takes what callers say of a match.
4. `disputes/service/disputes.py` takes a dispute and its answer; a dispute can suspend the entry.
5. `disputes/service/decision.py` decides it.
"""
