"""One file that proves what was recorded about a fake, and when. It can be verified offline."""
