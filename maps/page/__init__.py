"""The committee page: one HTML file that needs no network."""
