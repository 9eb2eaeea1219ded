"""How statements about the same thing become one: pure functions of observations and rules.

Nothing here reads a clock, a database or an order of arrival. `docs/merging.md` tells the rules to people.
"""

from __future__ import annotations

__all__: list[str] = []
