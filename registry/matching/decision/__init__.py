"""From aligned matches to a verdict with reasons and confidence, second by second. Pure."""
