"""The `[layers]` part of a scenario from what was guessed: every guess with its reason behind it, everything open as a line to choose from.

Texts of the data are quoted, or stand in comments without line breaks: a heading cannot become a key.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from layers.cells import is_no_data, list_of
from layers.kind_reading import known_words
from layers.kinds import kind_from_name, kinds
from layers.levels import LEVELS
from layers.saying import Said, Word, in_language, say
from maps.wrapping import wrapped
from scenarios.printing import padded
from scenarios.proposal.coordinates import read_coordinates
from scenarios.proposal.matching import kind_column_cells
from scenarios.proposal.roles import ROLES, Guess, Role

_MEDICAL = r"卫生|医院|医疗|诊所|clinic|hospital"
_COMMENT_FROM = 44
"""column of a terminal at which comments begin, where the line before is shorter"""
_LIST_COLUMNS = 110
_LINES: Mapping[Role, str] = {
    "units": "[[layers.units]]",
    "population": "[layers.population]",
    "facilities": "[[layers.facilities]]",
    "candidates": "[[layers.candidates]]",
    "residential": "[[layers.residential]]",
    "streets": "[layers.streets]",
    "terrain": "[layers.terrain]",
}
_ONE = ("population", "spread", "streets", "terrain")
"""layers of one file"""
_NEEDED: Mapping[Role, str] = {
    "units": 'level = "village"\npath = "units.gpkg"',
    "population": 'path = "people.csv"',
    "facilities": 'path = "facilities.csv"',
}


def layers_text(guesses: Sequence[Guess]) -> str:
    """The `[layers]` part, from `[layers]` on."""
    blocks = [["[layers]"], *_choices(guesses)]
    for role in ROLES[:-1]:
        if role != "spread":
            blocks += _of_role(role, guesses)
    unused = [guess for guess in guesses if not guess.role]
    blocks += [[_remark(say("not used: {file}: {why}", file=guess.sheet.called, why=guess.why)) for guess in unused]] if unused else []
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _choices(guesses: Sequence[Guess]) -> Iterator[list[str]]:
    """What there is to choose from for lines that are open in several entries, said once above them all."""
    places = [guess for guess in guesses if guess.role in ("facilities", "candidates")]
    if any(not guess.matching.theirs("kind") for guess in places):
        yield [_remark(say("kind, what a row is, can be:")), *_listed(list(kinds()))]
    if any(guess.sheet.shape == "none" for guess in places):
        yield [_remark(say("coordinates can be wgs84 or cgcs2000 (surveyed), gcj02 (AMap, Tencent) or bd09 (Baidu)"))]


def _of_role(role: Role, guesses: Sequence[Guess]) -> Iterator[list[str]]:
    """The entries of a layer; of a layer that takes one file the first, the others as comments to choose from."""
    mine = _sorted([guess for guess in guesses if guess.role == role])
    if not mine and role in _NEEDED:
        yield [_line(_LINES[role], say("found in none of the files: fill this in")), *_NEEDED[role].split("\n")]
    seen_levels: set[str] = set()
    for i, guess in enumerate(mine):
        lines = list(_entry(guess, guesses))
        if (role in _ONE and i) or (role == "units" and guess.level in seen_levels):
            lines = [_remark(say("or this one instead:")), *(f"# {line}" for line in lines)]
        seen_levels.add(guess.level)
        yield lines


def _sorted(guesses: list[Guess]) -> list[Guess]:
    """Units coarse to fine, those with codes first; of the others the one with the most columns of people first, as it was given, and hidden
    sheets last."""
    order = list(LEVELS)
    if guesses and guesses[0].role == "units":
        return sorted(guesses, key=lambda guess: (order.index(guess.level), not guess.matching.theirs("unit_id")))
    return sorted(guesses, key=lambda guess: (guess.sheet.is_hidden, -guess.matching.n_bases()))


def _entry(guess: Guess, guesses: Sequence[Guess]) -> Iterator[str]:
    sheet = guess.sheet
    why = say("{why}; the sheet is hidden in the workbook", why=guess.why) if sheet.is_hidden else guess.why
    yield _line(_LINES[guess.role], say("{n} rows; {why}", n=len(sheet.frame), why=why) if len(sheet.frame) else why)
    if guess.role == "units":
        yield _line(f"level = {_quoted(guess.level)}", cast("Said", guess.level_why))
    yield f"path = {_quoted(sheet.path)}"
    if sheet.part:
        yield f"layer = {_quoted(sheet.part)}"
    if not sheet.states_crs:
        yield _line('# crs = "EPSG:4490"', say("the file does not say: write what it is in"))
    if guess.role == "population":
        yield from _people(guess)
    if guess.role in ("facilities", "candidates"):
        yield from _coordinates(guess, guesses)
        yield from _kind(guess)
    yield from _columns(guess)
    if guess.role in ("facilities", "candidates"):
        yield from _kind_words(guess)
    if guess.role == "population":
        yield from _spread(guesses)


# ---------------------------------------------------------------- people


def _people(guess: Guess) -> Iterator[str]:
    sheet, matching = guess.sheet, guess.matching
    if sheet.shape == "raster":
        yield _line('base = "pop_total"', say("what its cells count; please look"))
        yield 'join = "none"'
    elif not matching.theirs("unit_id") and sheet.shape in ("point", "polygon"):
        yield _line('join = "location"', say("no column of codes: every point gives its people to the unit it lies in"))
    elif matching.theirs("pop_total") and not {"pop_resident", "pop_hukou"} <= {match.ours for match in matching.found}:
        column = "pop_total" if "+" in matching.theirs("pop_total") else matching.theirs("pop_total")
        yield _line('# total_is = "registered"', say("what {column} counts: registered or resident people?", column=column))


def _spread(guesses: Sequence[Guess]) -> Iterator[str]:
    mine = [guess for guess in guesses if guess.role == "spread"]
    for i, guess in enumerate(mine):
        mark = "# " if i else ""
        yield ""
        yield mark + _line("[layers.population.spread]", guess.why)
        yield f"{mark}path = {_quoted(guess.sheet.path)}"
        if guess.sheet.part:
            yield f"{mark}layer = {_quoted(guess.sheet.part)}"
        if not guess.sheet.states_crs:
            yield _line('# crs = "EPSG:4490"', say("the file does not say: write what it is in"))
        if weight := guess.matching.theirs("weight"):
            yield mark + _line(f"weight = {_quoted(weight)}", say("a known heading"))


# ---------------------------------------------------------------- places


def _coordinates(guess: Guess, guesses: Sequence[Guess]) -> Iterator[str]:
    sheet, matching = guess.sheet, guess.matching
    if sheet.shape != "none":
        return
    if not (matching.theirs("x") and matching.theirs("y")):
        yield _line('# x = "..."', say("the columns of the coordinates: choose from those below"))
        yield '# y = "..."'
        return
    for match in matching.found:
        if match.ours in ("x", "y"):
            yield _line(f"{match.ours} = {_quoted(match.theirs)}", match.why)
    found = read_coordinates(guess, [other for other in guesses if other.role == "units"])
    if found.system == "metres":
        yield _line('# crs = "EPSG:4546"', say("{why}: write the system they are in", why=found.why))
    elif found.system:
        yield _line(f'coordinates = "{found.system}"', found.why)
    else:
        yield _line('# coordinates = "gcj02"', say("{why}: choose", why=found.why))


def _kind(guess: Guess) -> Iterator[str]:
    """The kind of rows that have no column for it."""
    if guess.matching.theirs("kind"):
        return
    words = guess.sheet.words
    told = kind_from_name(words) or ("medical" if re.search(_MEDICAL, words) else "")
    names = [name for name in guess.sheet.frame.get(guess.matching.theirs("name"), ()) if not is_no_data(str(name))]
    n_told = sum(bool(kind_from_name(str(name))) for name in names)
    if told:
        yield _line(f'kind = "{told}"', say("for every row: the name of the file says so"))
    elif names and n_told == len(names):
        yield _line("kind_from_name = true", say("the names of all {n} rows tell their kind", n=n_told))
    else:
        yield _line('# kind = "day_care"', say("no column of kinds: what is every row?"))
        if n_told:
            yield _line("# kind_from_name = true", say("or so: {n} of {n_all} names tell their kind", n=n_told, n_all=len(names)))


def _kind_words(guess: Guess) -> Iterator[str]:
    """The words of the column of kinds that are none of ours: those that tell a kind, and those to be said."""
    known = known_words({})
    strange = [
        word
        for word in kind_column_cells(guess.sheet, guess.matching)
        if any(part not in known for part in list_of(word).split(";")) and list_of(word) not in known
    ]
    if not strange:
        return
    yield ""
    yield _line(f"[layers.{guess.role}.kinds]", say("their word = our kind"))
    for word in strange:
        told = kind_from_name(word)
        if told:
            yield _line(f'{_quoted(word)} = "{told}"', say("{kind}: guessed from the word", kind=Word(kinds()[told].en, kinds()[told].zh)))
        else:
            yield _line(f'# {_quoted(word)} = "day_care"', say("open: say which kind it is (docs: kinds)"))


# ---------------------------------------------------------------- columns


def _columns(guess: Guess) -> Iterator[str]:
    """What was found as keys; what is open, and what is not used, as comments."""
    if guess.role in ("streets", "terrain") or not guess.sheet.names:
        return
    matching = guess.matching
    found = [match for match in matching.found if match.ours not in ("x", "y")]
    table = _LINES[guess.role].strip("[]")
    opened = [(ours, names) for ours, names in matching.open.items() if ours not in ("x", "y") and not _is_given(ours, guess)]
    if found or opened:
        yield ""
        yield _line(f"[{table}.columns]", say("our name = the name in the file"))
    for match in found:
        yield _line(f"{match.ours} = {_quoted(match.theirs)}", match.why)
    for ours, names in opened:
        is_likely = say("open: this one?") if len(names) == 1 else say("open: choose from the columns below")
        yield _line(f"# {ours} = {_quoted(names[0] if names else '...')}", is_likely)
    used = {part for match in matching.found for part in (match.theirs, *match.theirs.split(" + "))}
    if unused := [name for name in guess.sheet.names if name not in used]:
        yield _remark(say("columns that are kept under their own names:"))
        yield from _listed(unused)


def _is_given(ours: str, guess: Guess) -> bool:
    """Whether a column that is missing is said otherwise, or is not needed for this join."""
    return ours == "kind" or (guess.role == "population" and (ours == "name" or (ours == "unit_id" and guess.sheet.shape != "none")))


# ---------------------------------------------------------------- text


def _quoted(text: str) -> str:
    """A text as TOML writes it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _both(said: Said) -> str:
    """A sentence in both languages on one line."""
    text = f"{in_language(said, 'zh')} / {in_language(said, 'en')}" if in_language(said, "zh") != str(said) else str(said)
    return _on_one_line(text)


def _on_one_line(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+", " ", text)


def _listed(names: Sequence[str]) -> list[str]:
    """Names with commas between them, as comments of some width."""
    return [f"#   {line}" for line in wrapped(_on_one_line(", ".join(names)), _LIST_COLUMNS)]


def _remark(said: Said) -> str:
    return f"# {_both(said)}"


def _line(line: str, said: Said) -> str:
    """A line with its reason behind it."""
    return f"{padded(line + '  ', _COMMENT_FROM)}# {_both(said)}"
