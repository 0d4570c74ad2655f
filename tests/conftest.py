"""Laws are tried on the same examples in every run, so that a red test is a change of the code; `QUARTERHOUR_SEARCH=1` tries new ones."""

from __future__ import annotations

import os

from hypothesis import settings

from tests.browser import browser

__all__ = ["browser"]

settings.register_profile("steady", derandomize=True, database=None, deadline=None)
settings.register_profile("search", derandomize=False, print_blob=True, deadline=None)
settings.load_profile("search" if os.environ.get("QUARTERHOUR_SEARCH") else "steady")
