"""Cases of people without an account, opened and followed with a number and a PIN.

Owns: `private_intake`, `private_case`.

Events: `intake.*`, `case.*`.

How a case is opened and followed:
1. `service/settings.py`: the operator names the bank that accepts cases.
2. `pages/private.py` or `api.py` takes fingerprint documents; no file leaves the person's device.
3. `service/cases.py` registers them as an entry and returns a case number and a PIN.
4. With both, the person follows or withdraws the case; reviewers decide on it as on any entry.
"""
