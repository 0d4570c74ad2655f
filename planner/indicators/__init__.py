"""The kinds of rules. A new kind is one module here (a class with `measure` and `relief`) and one entry in `KINDS`."""
