"""What the text of one cell says: a number, a yes or no, a choice, a code, or nothing.

Tables are read as text and understood here and nowhere else, so that `１，２８６`, `1.2万` and `—` mean the same in every layer.
A further word of a choice is one entry in `CHOICE_WORDS`.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd

NO_DATA = frozenset({"", "-", "--", "—", "——", "–", "−", "/", "空", "无数据", "暂无数据", "na", "n/a", "null", "none", "nan"})
"""Cells that hold nothing. `无` is not one of them: it may mean no data or zero, and the planner has to say which."""

FLAG_WORDS: dict[str, bool] = {
    **dict.fromkeys(("是", "有", "true", "t", "yes", "y", "1", "1.0", "√", "✓"), True),
    **dict.fromkeys(("否", "无", "没有", "未", "false", "f", "no", "n", "0", "0.0", "×"), False),
}

CHOICE_WORDS: dict[str, dict[str, str]] = {
    "status": {
        **dict.fromkeys(("正常", "运营", "运营中", "正常运营", "在用", "在营", "开放", "已运营", "已建成"), "open"),
        **dict.fromkeys(("营业", "营业中", "正常营业", "在业", "开业", "使用中", "试运营", "试营业"), "open"),
        **dict.fromkeys(("停业", "关停", "歇业", "撤销", "注销", "关闭", "停用", "已撤销", "暂停运营"), "closed"),
        **dict.fromkeys(("停运", "停止运营", "已停业", "已关停", "已关闭", "已停用", "已注销", "暂停", "暂停营业", "暂停服务"), "closed"),
        **dict.fromkeys(("未运营", "未营业", "未使用", "闲置", "吊销"), "closed"),
        **dict.fromkeys(("在建", "规划", "拟建", "待建", "规划中", "建设中"), "planned"),
        **dict.fromkeys(("筹建", "筹建中", "筹备", "筹备中", "待开业", "未开业", "未建成"), "planned"),
        **dict.fromkeys(("建议", "推荐"), "proposed"),
    },
    "role": {
        **dict.fromkeys(("候选", "备选", "可选"), "candidate"),
        **dict.fromkeys(("必选", "必建", "必须"), "required"),
        **dict.fromkeys(("禁选", "禁止", "不可建"), "forbidden"),
    },
    "built_status": {
        **dict.fromkeys(("新建", "在建", "规划"), "new"),
        **dict.fromkeys(("已建", "既有", "建成", "已建成"), "existing"),
    },
    "subtype": {
        "街道": "street",
        "镇": "town",
        "乡": "rural_township",
        **dict.fromkeys(("社区", "居委会", "居民委员会"), "community"),
        **dict.fromkeys(("村", "行政村", "村委会", "村民委员会"), "admin_village"),
    },
}
"""Words met in real tables and what they mean here; our own words always stand for themselves."""

_FIGURE = re.compile(r"([+-]?)(\d+|\d{1,3}(?:,\d{3})+)?(\.\d+)?(e[+-]?\d{1,3})?([^\W\d_]+2?)?")
SCALES = {"": Decimal(1), "万": Decimal(10_000), "亿": Decimal(100_000_000)}
"""What a number may be followed by in any column."""
_DEGREES = re.compile(r"([东西]经|[南北]纬)?(\d{1,3})[°度](\d{1,2}(?:\.\d+)?)['′’分](?:(\d{1,2}(?:\.\d+)?)(?:''|′′|’’|[\"”秒]))?([nsew])?")
"""Degrees, minutes and, where they are stated, seconds: 110°01′47.917″, 27度3.5分, 110°1'47"E."""
_POWER_CODE = re.compile(r"(\d)(?:\.(\d+))?E\+?(\d{1,2})", re.IGNORECASE)
_MARKED_CODE = re.compile(r"'(.+)|=\"(.*)\"|(\d+)\.0+")
"""What spreadsheets are told codes by: 'code, ="code"; and a whole number that was stored as one with a fraction."""
EXACT_DIGITS = 15
"""A spreadsheet keeps no more digits of a number."""
_NO_WIDTH = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))
"""Characters that nobody sees and that make two equal codes different."""
_LIST_BREAKS = re.compile(r"[;；、,，]")


def seen(text: str) -> str:
    """The text without blanks at its ends and without characters that have no width."""
    return text.translate(_NO_WIDTH).strip()


def plain(text: str) -> str:
    """The text as it is seen, with full-width letters, digits and marks made narrow."""
    return unicodedata.normalize("NFKC", seen(text)).strip()


def is_no_data(text: str) -> bool:
    """Whether a cell says that there is no figure."""
    return plain(text).lower() in NO_DATA


@dataclass(frozen=True)
class Figure:
    """A number and the word that stands right behind it, "" for none: `1.2万人` is 1.2 and 万人."""

    number: Decimal
    unit: str

    def times(self, factor: float | Decimal) -> float:
        """So many of our own; raises ValueError beyond all numbers."""
        number = float(self.number * Decimal(factor))
        if not math.isfinite(number):
            raise ValueError("beyond all numbers")
        return number


def figure_of(text: str) -> Figure | None:
    """The number a cell holds and the unit it states, None for no data; raises ValueError when it holds something else.

    Understood: full-width digits, thousands parted in threes, a decimal point, an exponent.
    """
    if is_no_data(text):
        return None
    match = _FIGURE.fullmatch(plain(text).lower().replace("−", "-"))
    if match is None or not (match[2] or match[3]):
        raise ValueError(f"`{text}` is not a number")
    sign, whole, fraction, exponent, unit = match.groups()
    return Figure(Decimal(f"{sign}{(whole or '0').replace(',', '')}{fraction or ''}{exponent or ''}"), unit or "")


def number_of(text: str) -> float | None:
    """The number a cell holds by itself, 万 and 亿 counted, None for no data; raises ValueError when it holds something else."""
    figure = figure_of(text)
    if figure is None:
        return None
    if figure.unit not in SCALES:
        raise ValueError(f"`{text}` is not a number")
    return figure.times(SCALES[figure.unit])


def degrees_of(text: str) -> float | None:
    """The degrees of a cell in degrees, minutes and seconds, None when it is not written so; raises ValueError for 60 minutes and more."""
    match = _DEGREES.fullmatch(plain(text).lower().replace(" ", ""))
    if match is None:
        return None
    before, degrees, minutes, seconds, after = match.groups()
    if float(minutes) >= 60 or float(seconds or 0) >= 60 or (seconds and "." in minutes):
        raise ValueError(f"`{text}` is no position")
    size = int(degrees) + float(minutes) / 60 + float(seconds or 0) / 3600
    return -size if (before or after or "")[:1] in {*"西南ws"} else size


def position_of(text: str) -> float | None:
    """The coordinate a cell holds, in degrees, minutes and seconds or as a number; None and ValueError as for a number."""
    degrees = degrees_of(text)
    return number_of(text) if degrees is None else degrees


def flag_of(text: str) -> bool | None:
    """Whether a cell says yes (True) or no (False), None for no data; raises ValueError when it says neither."""
    word = plain(text).lower()
    if word in FLAG_WORDS:
        return FLAG_WORDS[word]
    if word in NO_DATA:
        return None
    raise ValueError(f"`{text}` is neither yes nor no")


def choice_of(text: str, words: dict[str, str]) -> str:
    """Our word for the one in the cell: `words` maps theirs, other words stay as they are, "" is no data."""
    word = plain(text)
    if word.lower() in NO_DATA:
        return ""
    return words.get(word, word)


def list_of(text: str) -> str:
    """Several values of one cell, parted by `;` whatever parted them before (； 、 ，)."""
    if is_no_data(text):
        return ""
    return ";".join(part for part in (plain(part) for part in _LIST_BREAKS.split(text)) if part)


def code_of(text: str) -> str:
    """The code in a cell, "" for none: without the marks of spreadsheets, and from 4.31225100203E+11 where every digit is there."""
    if is_no_data(text):
        return ""
    code = plain(text)
    if marked := _MARKED_CODE.fullmatch(code):
        code = next(part for part in marked.groups() if part is not None)
    power = _POWER_CODE.fullmatch(code)
    if power is None or is_rounded_code(code):
        return code
    return power[1] + (power[2] or "")


def is_rounded_code(text: str) -> bool:
    """Whether a code was rounded by a spreadsheet (4.31225E+11): its last digits are lost."""
    power = _POWER_CODE.fullmatch(plain(text))
    return power is not None and (len(power[2] or "") != int(power[3]) or int(power[3]) >= EXACT_DIGITS)


def cell_text(cell: object) -> str:
    """A cell as exact text: whole numbers without a point (a code stored as 4.31225E+11 keeps all its digits), "" for nothing."""
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return ""
    if isinstance(cell, (bool, np.bool_)):
        return "true" if cell else "false"
    if isinstance(cell, (float, np.floating)):
        number = float(cell)
        if number != number:  # noqa: PLR0124 - NaN
            return ""
        return str(int(number)) if number.is_integer() and abs(number) < 2**53 else format(Decimal(repr(number)), "f")
    return str(cell)
