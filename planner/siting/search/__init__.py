"""Good choices fast: greedy filling, interchange, ruin and refill, weighted covering."""
