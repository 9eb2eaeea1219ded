"""One number that a piece of advice rests on."""

from __future__ import annotations

import msgspec


class Fact(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was looked at, its value in its unit, and where it comes from.

    A source, a formula, or our own rule.
    """

    name: str
    value: float | str
    unit: str = ""
    source: str = ""
