"""Cases of people without an account, opened and followed with a number and a PIN.

Owns: `private_intake`, `private_case`.
"""
