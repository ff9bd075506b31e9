"""One file that proves what was known of a fake and when. It can be verified offline."""
