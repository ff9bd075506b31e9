"""What every API route shares: request bodies and their limits, memory and concurrency limits, paging,
problem documents, NDJSON."""
