"""Initials of Chinese names for the search box: 会同县 is `htx`.

The common characters of GB 2312 (level 1, 3755 of them) stand in the order of their pinyin, so the first letter follows from the
code alone. Rarer characters give no letter; the search by name finds them.
"""

from __future__ import annotations

from bisect import bisect_right

_FIRST = (
    0xB0A1, 0xB0C5, 0xB2C1, 0xB4EE, 0xB6EA, 0xB7A2, 0xB8C1, 0xB9FE, 0xBBF7, 0xBFA6, 0xC0AC, 0xC2E8, 0xC4C3, 0xC5B6, 0xC5BE, 0xC6DA,
    0xC8BB, 0xC8F6, 0xCBFA, 0xCDDA, 0xCEF4, 0xD1B9, 0xD4D1, 0xD7FA,
)  # fmt: skip
"""GB 2312 code of the first character of each letter, and the end of level 1."""
_LETTERS = "abcdefghjklmnopqrstwxyz"


def initials(name: str) -> str:
    """The initials of the characters that have one; letters and digits stay, in lower case."""
    return "".join(_initial(character) for character in name)


def _initial(character: str) -> str:
    if character.isascii():
        return character.lower() if character.isalnum() else ""
    try:
        code = int.from_bytes(character.encode("gb2312"), "big")
    except UnicodeEncodeError:
        return ""
    place = bisect_right(_FIRST, code) - 1
    return _LETTERS[place] if 0 <= place < len(_LETTERS) else ""
