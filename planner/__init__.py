"""Pure planning: minutes, circles, rules, siting. No file, no map, no clock, no chance."""
