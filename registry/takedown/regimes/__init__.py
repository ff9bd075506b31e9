"""Legal regimes: what a notice must contain, who receives it, and how long the recipient has. Data in
`data/`."""
