"""Problems in which the best open site counts for each place (maximal covering, p-median): search and proof made for them."""
