"""How files are put into place whole or not at all, and the record of what they were made from."""
