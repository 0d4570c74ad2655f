"""Minutes on foot between people and sites."""
