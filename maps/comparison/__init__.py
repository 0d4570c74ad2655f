"""Several scenarios of one place held side by side: what differs, who gains and who loses."""
