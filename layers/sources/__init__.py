"""Readers of files: vector, table, raster, OSM. A new format is one module here and one entry in `READERS`."""
