"""What no choice can do better than: the mathematical program, its relaxations, and the proved optimum of small problems."""
