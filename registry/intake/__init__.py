"""Private cases of people without an account: number and PIN, followed and withdrawn by themselves.
Owns: `private_intake`, `private_case`."""
