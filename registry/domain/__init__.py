"""Pure rules: no I/O, no clock, no settings. Values are frozen; arrays stay in `distance` and `align`."""
