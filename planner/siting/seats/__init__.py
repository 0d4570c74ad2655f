"""Sites under capacities: each person is served once, and no place is given twice."""
