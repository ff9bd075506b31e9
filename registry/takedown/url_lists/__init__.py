"""Lists of addresses as people paste or upload them (text, CSV, XLSX), read row by row. Pure."""
