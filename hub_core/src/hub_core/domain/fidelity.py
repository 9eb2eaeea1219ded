"""The fidelity report: what survives of a workout at one provider, before anything is sent."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Fidelity(StrEnum):
    """How much survives. `UNSUPPORTED` stops an export, `DEGRADED` goes out with its report."""

    EXACT = "exact"
    DEGRADED = "degraded"
    UNSUPPORTED = "unsupported"


_ORDER = (Fidelity.EXACT, Fidelity.DEGRADED, Fidelity.UNSUPPORTED)


def worst(levels: list[Fidelity]) -> Fidelity:
    """The worst of some levels; exact for none."""
    return max(levels, key=_ORDER.index, default=Fidelity.EXACT)


class Loss(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that does not survive.

    `feature` is what is lost (`target`, `cadence`, `duration`, `repeat`, `notes`, `ramp`, `sport`, ...),
    `reason` why, `becomes` what is sent instead, `suggestion` the smallest rewrite that would be exact.
    """

    feature: str
    level: Fidelity
    reason: str
    becomes: str = ""
    suggestion: str = ""


class StepFidelity(msgspec.Struct, frozen=True):
    """What survives of one step or repeat, named by its path and told in words (`label`)."""

    path: str
    label: str
    level: Fidelity
    losses: tuple[Loss, ...] = ()


class FidelityReport(msgspec.Struct, frozen=True):
    """One line for each step and repeat, and the losses of the workout as a whole."""

    provider: str
    level: Fidelity
    steps: tuple[StepFidelity, ...]
    workout: tuple[Loss, ...] = ()

    def losses(self) -> list[tuple[str, Loss]]:
        """All losses with the path they belong to (`workout` for those of the whole)."""
        whole = [("workout", loss) for loss in self.workout]
        return whole + [(step.path, loss) for step in self.steps for loss in step.losses]
