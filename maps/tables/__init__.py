"""The tables that people see: the same rows, columns and digits in every output. What a table is stands in `shown`."""
