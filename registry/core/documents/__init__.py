"""Archives and tables: ZIP files that are byte-equal for equal content, and cells that no spreadsheet runs as
a formula."""
