"""Scenario scripts, run by the tests."""
