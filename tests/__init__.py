"""Known answers, laws for any place, and real places where they are there."""
