"""Legal regimes: what a notice must say, to whom, and how long the recipient has. Data in `data/`."""
