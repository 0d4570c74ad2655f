"""A ledger worked out in Python, as the page's script does it: for the laws of switching, and to say what the page must show."""

from __future__ import annotations

import math
from collections.abc import Collection
from fractions import Fraction

import numpy as np

from planner.exact import exact, exact_sum
from planner.indicators.figures import Figure, judge, nothing_to_ask, unknown
from planner.indicators.presence import FacilityCountPerUnit
from planner.indicators.quota import QuantityPerBase
from planner.indicators.share import Ratio
from planner.ledger import Ledger
from planner.rules import Rule


def figures_of(rule: Rule, ledger: Ledger, stands: Collection[int]) -> list[Figure]:
    """The figures of the places of a ledger with the sites of these rows standing, of those that come and go."""
    n, columns, _ = ledger.standing.shape
    amounts = [[list(ledger.standing[i, c]) for c in range(columns)] for i in range(n)]
    for place, column, who, amount in ledger.items:
        if set(who) & set(stands):
            amounts[place][column].append(amount)
    return [_figure(rule, amounts[i], ledger.terms[i].tolist()) for i in range(n)]


def _figure(rule: Rule, amounts: list[list[float]], terms: list[float]) -> Figure:
    match rule:
        case QuantityPerBase():
            return _quota(rule, amounts, terms)
        case FacilityCountPerUnit():
            return _presence(rule, amounts)
        case Ratio():
            return _share(rule, amounts)
    have, adrift = exact_sum(amounts[0]), exact(terms[1])
    return judge(rule, have, exact(terms[0]) + adrift, most=have + adrift, scale=100)


def _quota(rule: QuantityPerBase, amounts: list[list[float]], terms: list[float]) -> Figure:
    have, group = exact_sum(amounts[0]), exact(terms[0]) / exact(rule.per)
    most = None if sum(amounts[2]) else exact_sum(amounts[0] + amounts[1])
    asked = None if rule.value is None else terms[1]
    return judge(rule, have, group, most=most, asked=asked, is_whole=rule.comes_whole)


def _presence(rule: FacilityCountPerUnit, amounts: list[list[float]]) -> Figure:
    n = len(rule.kinds_asked)
    counts = np.array([math.fsum(column) for column in amounts])
    figure = judge(rule, Fraction(int(counts[:n].min())), Fraction(1), most=Fraction(int(counts[n:].min())))
    have, short = figure.have, figure.shortfall
    if rule.together and rule.value is not None:
        have = float(np.minimum(counts[:n], rule.n_asked).sum())
    if figure.verdict == "fail":
        short = float(np.maximum(0, rule.n_asked - counts[:n]).sum())
    return Figure(figure.value, have, math.nan, short, figure.verdict)


def _share(rule: Ratio, amounts: list[list[float]]) -> Figure:
    have, base, n = exact_sum(amounts[0]), exact_sum(amounts[1]), round(math.fsum(amounts[2]))
    if sum(amounts[3]):
        return unknown("", have=float(have), base=float(base))
    if not base:
        return nothing_to_ask("")
    return judge(rule, have, base, most=have + n if rule.num.startswith("count") or not n else None, scale=100)
