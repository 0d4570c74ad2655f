"""`quarterhour doctor`: what this installation can do, and what would trip it up."""

from __future__ import annotations

import importlib.util
import locale
import shutil
import sys
import sysconfig
from importlib.metadata import packages_distributions, version
from pathlib import Path
from typing import TypedDict

OURS = ("layers", "planner", "maps", "scenarios")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "msedge", "firefox")
MINIMUM_FREE_GB = 1.0


class Examined(TypedDict):
    """One thing that was looked at."""

    what: str
    found: str
    ok: bool


def examine() -> list[Examined]:
    """Everything looked at, good or not."""
    return [_python(), *(_only_ours(name) for name in OURS), *_libraries(), _encoding(), _browser(), _disk()]


def _python() -> Examined:
    return {"what": "Python", "found": sys.version.split()[0], "ok": sys.version_info >= (3, 11)}


def _only_ours(name: str) -> Examined:
    """Distributions of other authors also ship packages called maps, planner, scenarios, layers; together they overwrite each other."""
    owners = {owner for owner in packages_distributions().get(name, []) if owner != "quarterhour"}
    spec = importlib.util.find_spec(name)
    place = Path(spec.origin).parent if spec and spec.origin else None
    found = str(place) if not owners else f"{place}; also claimed by {', '.join(sorted(owners))}: use an environment of its own"
    return {"what": f"package {name}", "found": found, "ok": not owners and place is not None}


def _libraries() -> list[Examined]:
    import pyogrio
    import pyproj
    import shapely

    names = ("quarterhour", "geopandas", "numba", "highspy", "rasterio", "folium", "osmnx")
    libraries: list[Examined] = [{"what": name, "found": version(name), "ok": True} for name in names]
    native = f"GDAL {pyogrio.__gdal_version_string__}, GEOS {shapely.geos_version_string}, PROJ {pyproj.proj_version_str}"
    return [*libraries, {"what": "native libraries", "found": native, "ok": True}]


def _encoding() -> Examined:
    name = locale.getpreferredencoding(do_setlocale=False)
    return {"what": "text encoding of the system", "found": f"{name} (files are read as UTF-8, then GB18030, whatever it is)", "ok": True}


def _browser() -> Examined:
    found = [name for name in BROWSERS if shutil.which(name)]
    return {"what": "browser on the path", "found": ", ".join(found) or "none; open index.html by hand", "ok": True}


def _disk() -> Examined:
    free_gb = shutil.disk_usage(sysconfig.get_path("data")).free / 1e9
    return {"what": "free disk", "found": f"{free_gb:.1f} GB", "ok": free_gb >= MINIMUM_FREE_GB}
