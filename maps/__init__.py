"""What people look at and take away: the page, the GeoPackage, the workbook, the result file."""
