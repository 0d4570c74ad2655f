"""The edge of the place: facilities beyond its units count like any other when they are in reach; how many people lean on them is told."""

from __future__ import annotations

import numpy as np

from layers.saying import say
from planner.assessment import Finding
from planner.circle import Circle
from planner.measures import open_of_kind


def edge_notes(finding: Finding, circle: Circle) -> tuple[str, ...]:
    """How many people of the circle are served from outside all units, and how many would not be served without; () where nobody is."""
    area = finding.area
    is_outside = (area.facilities["unit_id"] == "").to_numpy()
    served = np.isfinite(finding.minutes)
    by_outside = np.zeros(len(served), dtype=bool)
    by_outside[served] = is_outside[finding.nearest_row[served]]
    if not by_outside.any():
        return ()
    within = np.zeros(len(area.site_xy_m), dtype=bool)
    within[: area.n_facilities] = open_of_kind(area.facilities, circle.kinds) & ~is_outside
    minutes, _ = finding.times.nearest(circle.profile, circle.minutes or 0.0, within)
    weight = area.demand[circle.base].fillna(0.0).to_numpy()
    people, outside, only_outside = (float(weight[rows].sum()) for rows in (served, by_outside, served & ~np.isfinite(minutes)))
    share = 100 * outside / people if people else 0.0
    note = say(
        "of {people:,.0f} people inside the circle {outside:,.0f} ({percent:.1f} %) have their nearest facility outside all units; "
        "without those {only_outside:,.0f} would be outside the circle",
        people=people,
        outside=outside,
        percent=share,
        only_outside=only_outside,
    )
    return (note,)
