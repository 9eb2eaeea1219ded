"""What people typed, and whether it is still there in the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

#: A field of something: `("w-1", "name")`, `("2031-04-01", "steps")`.
About = tuple[str, str]


class Typed(NamedTuple):
    """Somebody set a field, with `seen` before their eyes; None for what was taken back or deleted.

    `values` are never typed twice. `operation` is the id that it has on its device; empty for the platform,
    whose calls are done at once.
    """

    about: About
    value: Any
    seen: Any
    operation: str = ""


class Ledger:
    """All that was typed. `given_up` are the operations that a person has looked at, and let go."""

    def __init__(self) -> None:
        self.typed: list[Typed] = []
        self.given_up: set[str] = set()

    def find_faults(self, shown: Mapping[About, Any], refused: set[str]) -> Iterator[str]:
        """Values that are lost: not shown, not overwritten by somebody who saw them, and not kept on a device
        with the hub's refusal. And those that were refused or overwritten, and are shown all the same."""
        kept = refused | self.given_up
        for one in self.typed:
            if one.operation in kept and one.value is not None and shown.get(one.about) == one.value:
                yield f"refused, and done: {one}"
        done = [one for one in self.typed if one.operation not in kept]
        overwritten = {(one.about, one.seen) for one in done if one.seen is not None}
        for one in done:
            is_shown = shown.get(one.about) == one.value
            if one.value is None:
                continue
            if is_shown and (one.about, one.value) in overwritten:
                yield f"came back: {one}"
            if not is_shown and (one.about, one.value) not in overwritten:
                yield f"lost: {one}, shown is {shown.get(one.about)!r}"
