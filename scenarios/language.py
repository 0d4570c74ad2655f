"""The language of the console: QUARTERHOUR_LANGUAGE, else that of the system; Chinese or English. JSON and files do not depend on it."""

from __future__ import annotations

import locale
import os
from collections.abc import Mapping
from typing import Literal

from layers.saying import in_language

VARIABLE = "QUARTERHOUR_LANGUAGE"
"""zh or en; wins over the system's language"""
_OF_SYSTEM = ("LC_ALL", "LC_MESSAGES", "LANG")
"""in the order in which POSIX heeds them"""


def console_language(environment: Mapping[str, str] = os.environ) -> Literal["zh", "en"]:
    """The language of everything that the command line prints.

    The first of the variables that is set decides: zh when it begins so, en otherwise. Windows sets none of them; there it is the language
    of its regional settings.
    """
    said = next((environment[name] for name in (VARIABLE, *_OF_SYSTEM) if environment.get(name)), "")
    named = said or locale.getlocale()[0] or ""
    return "zh" if named.lower().startswith(("zh", "chinese")) else "en"


def told(text: str) -> str:
    """A message in the language of the console."""
    return in_language(text, console_language())
