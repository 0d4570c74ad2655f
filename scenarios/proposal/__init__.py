"""`quarterhour init` from a planner's own files: what each of them is, which of its columns is which of ours, and a scenario that says so.

sheets (what the files hold) -> roles (which layer each is) -> matching, words, coordinates (what is in it) -> writing (scenario.toml).
Nothing is taken for certain that is not: what stays open is a comment to choose from, and `quarterhour check` asks for it.
"""
