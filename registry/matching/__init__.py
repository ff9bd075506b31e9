"""Match a fingerprint against the registry: find candidates, align them in time, decide, answer.

Events: `match.*`, `watch.*`, `lookup.*`, `reconstruction.*`.

How a lookup is answered:
1. `lookups/api/lookups.py` receives a document, file or hash; `abuse/guard.py` admits hashes.
2. `lookups/service/pipeline.py` runs the stages below in one read transaction.
3. Candidates: `candidates/store/candidates.py`; for single hashes `candidates/store/hash_lookup.py`.
   Alignment: `alignment/model/align.py`.
4. Decision: `decision/model/decision.py`.
5. `lookups/service/records.py` records the answer. A file goes through `workers/tasks/answer_lookup.py`.
"""
