"""Where an entry comes from, as W3C PROV: a graph of media, of who said what of them, and its drawing."""
