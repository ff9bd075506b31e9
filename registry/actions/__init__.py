"""One verb a file: open a transaction, read, ask the domain, write. Answers are plain JSON-able values."""
