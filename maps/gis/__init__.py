"""What GIS staff take away: GeoPackage with styles and project, other formats of the layers, PostGIS, the script for QGIS."""
