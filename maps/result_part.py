"""What every part of `result.json` has in common."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Figure = float | None
"""null: no data"""
Moment = Literal["before", "after"]


class Part(BaseModel):
    """A part of the result: closed, and described by the sentences under its fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, populate_by_name=True)
