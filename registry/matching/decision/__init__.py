"""Decide from aligned matches: verdict, reasons and confidence, second by second. Pure."""
