"""A synthetic school whose records give a known set of figures: for trying the product out,
and for tests. Nobody in it exists. The same seed gives the same rows."""
