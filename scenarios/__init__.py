"""The roof: what to read, what to ask and what to write, and the command line."""
