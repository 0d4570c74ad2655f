"""The kinds of rules. A new kind is one module here with a subclass of `planner.rules.Rule`, and one entry in `KINDS`."""

from __future__ import annotations

from planner.indicators.attestation import Attestation
from planner.indicators.presence import FacilityCountPerUnit
from planner.indicators.quota import QuantityPerBase
from planner.indicators.reach import ServiceCircleCoverage
from planner.indicators.share import Ratio
from planner.indicators.site_rule import SiteRule
from planner.rules import Rule

KINDS: dict[str, type[Rule]] = {
    "service_circle_coverage": ServiceCircleCoverage,
    "quantity_per_base": QuantityPerBase,
    "facility_count_per_unit": FacilityCountPerUnit,
    "ratio": Ratio,
    "site_rule": SiteRule,
    "attestation": Attestation,
}
"""The `kind` of a rule in a pack -> its class."""
