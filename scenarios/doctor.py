"""`quarterhour doctor`: what this installation can do, and what would trip it up."""

from __future__ import annotations

import importlib.util
import locale
import shutil
import sys
import sysconfig
from dataclasses import dataclass
from importlib.metadata import packages_distributions, version
from pathlib import Path

from layers.saying import Said, in_language, say

OURS = ("layers", "planner", "maps", "scenarios")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "msedge", "firefox")
MINIMUM_FREE_GB = 1.0


@dataclass(frozen=True)
class Examined:
    """One thing that was looked at; `what` and `found` are sentences of `layers.saying`, or names."""

    what: str
    found: str
    ok: bool = True

    def line(self) -> Said:
        """What the console shows."""
        return say("{mark} {what}: {found}", mark=say("ok  ") if self.ok else say("LOOK"), what=self.what, found=self.found)

    def as_json(self) -> dict[str, str | bool]:
        """The same for other programs, in both languages."""
        in_zh = {"what_zh": in_language(self.what, "zh"), "found_zh": in_language(self.found, "zh")}
        return {"what": self.what, "found": self.found, "ok": self.ok, **in_zh}


def examine() -> list[Examined]:
    """Everything looked at, good or not."""
    return [_python(), *(_only_ours(name) for name in OURS), *_libraries(), _encoding(), _browser(), _disk()]


def _python() -> Examined:
    return Examined("Python", sys.version.split()[0], sys.version_info >= (3, 11))


def _only_ours(name: str) -> Examined:
    """Distributions of other authors also ship packages called maps, planner, scenarios, layers; together they overwrite each other."""
    owners = {owner for owner in packages_distributions().get(name, []) if owner != "quarterhour"}
    spec = importlib.util.find_spec(name)
    place = Path(spec.origin).parent if spec and spec.origin else None
    found = str(place)
    if owners:
        found = say("{place}; also claimed by {owners}: use an environment of its own", place=str(place), owners=sorted(owners))
    elif place is None:
        found = say("not there: install quarterhour again")
    return Examined(say("package {name}", name=name), found, not owners and place is not None)


def _libraries() -> list[Examined]:
    import pyogrio
    import pyproj
    import shapely

    names = ("quarterhour", "geopandas", "numba", "highspy", "rasterio", "folium", "osmnx")
    libraries = [Examined(name, version(name)) for name in names]
    native = f"GDAL {pyogrio.__gdal_version_string__}, GEOS {shapely.geos_version_string}, PROJ {pyproj.proj_version_str}"
    return [*libraries, Examined(say("native libraries"), native)]


def _encoding() -> Examined:
    name = locale.getpreferredencoding(do_setlocale=False)
    return Examined(
        say("text encoding of the system"), say("{encoding} (files are read as UTF-8, then GB18030, whatever it is)", encoding=name)
    )


def _browser() -> Examined:
    found = [name for name in BROWSERS if shutil.which(name)]
    return Examined(say("browser on the path"), ", ".join(found) or say("none; open index.html by hand"))


def _disk() -> Examined:
    free_gb = shutil.disk_usage(sysconfig.get_path("data")).free / 1e9
    found = say("{gb:.1f} GB", gb=free_gb)
    if free_gb < MINIMUM_FREE_GB:
        found = say("{gb:.1f} GB; a run may need {least:g} GB: make room", gb=free_gb, least=MINIMUM_FREE_GB)
    return Examined(say("free disk"), found, free_gb >= MINIMUM_FREE_GB)
