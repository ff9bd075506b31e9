"""The public record: a signed ledger, RFC 3161 timestamps, signed assertions and proofs."""
