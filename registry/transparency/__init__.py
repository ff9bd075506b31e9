"""The public record: a signed ledger, time stamps, signed statements and proofs."""
