"""A case of the kit: one promise of a plugin, why it matters, and the smallest fix."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hub_core.sdk.manifest import Tier as Tier

if TYPE_CHECKING:
    from hub_core.testing.conformance.bench import Bench, Subject

Check = Callable[["Bench"], Awaitable[None]]
#: Whether a case applies to a plugin; its docstring says to whom it doesn't.
Need = Callable[["Subject"], bool]


class Broken(AssertionError):  # noqa: N818 (it names what was found, not a fault of the kit)
    """A promise is not kept; the text is the evidence."""


@dataclass(frozen=True)
class Case:
    """One promise. `id` is `group.promise`."""

    id: str
    tier: Tier
    reason: str
    hint: str
    needs: tuple[Need, ...]
    check: Check

    @property
    def group(self) -> str:
        """The first part of the id."""
        return self.id.partition(".")[0]

    def applies(self, subject: Subject) -> bool:
        """Whether the plugin makes this promise at all."""
        return all(need(subject) for need in self.needs)


CASES: dict[str, Case] = {}


def case(
    id_: str, tier: Tier, *, reason: str, hint: str, needs: tuple[Need, ...] = ()
) -> Callable[[Check], Check]:
    """Add a check to the kit."""

    def add(check: Check) -> Check:
        assert id_ not in CASES, f"two cases are named {id_}"  # noqa: S101 (a mistake in the kit itself)
        CASES[id_] = Case(id_, tier, reason, hint, needs, check)
        return check

    return add


def expect(is_so: object, evidence: str) -> None:
    """Raise `Broken` with the evidence unless it is so."""
    if not is_so:
        raise Broken(evidence)
