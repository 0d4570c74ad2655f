"""Small nasty inputs: one clean place, and hundreds of ways to spoil one thing of it, each with what must come of it.

A theme is a module with a tuple `CASES`; `tests.test_corpus` runs them all. A new case is one entry; a new theme an entry in `THEMES`
of `tests.corpus.themes`.
"""
