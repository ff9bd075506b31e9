"""Find which stretch of a query shows which stretch of an asset: similar moments vote for a line in time.
Faces along it are compared. Pure."""
