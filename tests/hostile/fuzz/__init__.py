"""`make fuzz`: the corpus, then changes drawn at random, through the functions that read foreign bytes."""
