"""Bundles of evidence for a court: report, letters, replies, exhibits, ledger proofs. Owns: `notice_exhibit`,
`evidence_stamp`."""
