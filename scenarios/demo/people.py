"""People of every village and community, counted up from its households: residents, registered people, the old and the very young."""

from __future__ import annotations

import numpy as np
import pandas as pd

from scenarios.demo.chance import Floats, Ints, stream

BASES = ("总人口", "户籍人口", "60岁以上人口", "65岁以上人口", "80岁以上", "3岁以下人口", "户数")


def make_people(units: pd.DataFrame, dwelling_village: Ints, dwelling_households: Ints) -> pd.DataFrame:
    """One row per unit, in the order of `units`, with the columns of `BASES`; whole people.

    The young have left the hills: the higher a village lies, the larger the share of the old and the more people are registered
    there without living there.
    """
    rng = stream(70)
    hill = units["hill"].to_numpy()
    place = units["place"].to_numpy()
    households = np.bincount(dwelling_village, weights=dwelling_households, minlength=len(units))
    size = np.select([place == -1, place < 99], [2.72, 2.68], 2.62 - 0.16 * hill) + rng.normal(0.0, 0.05, len(units))
    residents = np.rint(households * size)
    shares = _shares(place, hill, rng)
    pop60 = np.rint(residents * shares)
    pop65 = np.rint(pop60 * np.clip(rng.normal(0.72, 0.02, len(units)), 0.66, 0.78))
    pop80 = np.rint(pop60 * np.clip(rng.normal(0.155, 0.018, len(units)), 0.1, 0.2))
    pop_u3 = np.rint(residents * np.clip(0.031 - 0.011 * hill + rng.normal(0.0, 0.002, len(units)), 0.012, 0.04))
    leavers = np.select([place == -1, place < 99], [0.86, 1.06], 1.22 + 0.42 * hill) + rng.normal(0.0, 0.05, len(units))
    figures = (residents, np.rint(residents * leavers), pop60, pop65, pop80, pop_u3, households)
    return pd.DataFrame({name: figure.astype(np.int64) for name, figure in zip(BASES, figures, strict=True)})


def _shares(place: Ints, hill: Floats, rng: np.random.Generator) -> Floats:
    """(n,) share of residents aged 60 and over: 0.17 in the county town to 0.35 in the hills."""
    middle = np.select([place == -1, place < 99], [0.172, 0.196], 0.222 + 0.115 * hill)
    return np.asarray(np.clip(middle + rng.normal(0.0, 0.016, len(place)), 0.14, 0.37))
