"""The check report: what is wrong with the input, how to mend it, and what of it went where; a page and its JSON."""
