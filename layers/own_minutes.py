"""Minutes that a place brings along, from another router or a bureau's own survey, in place of those along its streets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True, eq=False)
class OwnMinutes:
    """Minutes by demand point, site and pace; a pair that has no row is out of reach."""

    where: str
    """how messages call the file"""
    pairs: pd.DataFrame
    """demand_row (in `StudyArea.demand`), site_id (a facility or candidate), profile, minutes"""
    limit_minutes: Mapping[str, float]
    """profile -> all pairs up to these minutes are in `pairs`"""
