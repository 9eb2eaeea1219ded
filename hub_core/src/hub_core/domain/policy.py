"""The choices of an athlete, or of their platform: what may be lost on the way, and what an update does."""

from __future__ import annotations

from enum import StrEnum

from hub_core.domain.fidelity import Fidelity, FidelityReport, Loss


class FidelityPolicy(StrEnum):
    """What stops a workout.

    `STRICT`: any loss. `ACCEPT_DEGRADED`: what can't be carried; what is degraded goes out with its report.
    `BEST_EFFORT`: of what can't be carried, only that without which the rest makes no sense.
    """

    STRICT = "strict"
    ACCEPT_DEGRADED = "accept_degraded"
    BEST_EFFORT = "best_effort"


class OnUpdate(StrEnum):
    """What a changed workout does to the copy that a provider holds.

    `REPLACE`: it takes its place, so that a watch never shows two. `CREATE`: it goes out beside it, each time
    as another workout. Phones are told what to hold, and hold each workout once: there it is always replaced.
    """

    REPLACE = "replace"
    CREATE = "create"


#: Without these a step is still that step: it lasts as long, and comes in its place. Without its duration it
#: is not, and a workout without its sport or with fewer steps is another workout.
DISPENSABLE = frozenset({"target", "ramp", "cadence", "intensity", "name", "notes"})


def find_stop(report: FidelityReport, policy: FidelityPolicy) -> tuple[str, Loss] | None:
    """The first loss that stops a workout under a policy, with its path; None when it goes out."""
    return next(((path, loss) for path, loss in report.losses() if _stops(path, loss, policy)), None)


def find_left_out(report: FidelityReport, policy: FidelityPolicy) -> list[tuple[str, Loss]]:
    """What goes out without, although it can't be carried: only under `BEST_EFFORT`."""
    unsupported = [pair for pair in report.losses() if pair[1].level is Fidelity.UNSUPPORTED]
    return [(path, loss) for path, loss in unsupported if not _stops(path, loss, policy)]


def _stops(path: str, loss: Loss, policy: FidelityPolicy) -> bool:
    if loss.level is Fidelity.EXACT:
        return False
    if loss.level is Fidelity.DEGRADED:
        return policy is FidelityPolicy.STRICT
    is_left_out = policy is FidelityPolicy.BEST_EFFORT and path != "workout" and loss.feature in DISPENSABLE
    return not is_left_out


def tell_loss(path: str, loss: Loss) -> str:
    """`steps[0]: there is no FTP (set the athlete's ftp_w)`"""
    return f"{path}: {loss.reason}" + (f" ({loss.suggestion})" if loss.suggestion else "")
