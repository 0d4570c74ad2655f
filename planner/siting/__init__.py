"""Choosing sites: one model for every kind of rule. A new method is one module here and one entry in `METHODS`."""
