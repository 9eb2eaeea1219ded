"""What a policy lets out of a report."""

from __future__ import annotations

import itertools

import pytest

from hub_core.domain.fidelity import Fidelity, FidelityReport, Loss, StepFidelity, worst
from hub_core.domain.policy import DISPENSABLE, FidelityPolicy, find_left_out, find_stop, tell_loss

STRICT, ACCEPT, EFFORT = FidelityPolicy


def report(*losses: tuple[str, str, Fidelity]) -> FidelityReport:
    """A report with losses of (path, feature, level)."""
    made = [(path, Loss(feature, level, "no")) for path, feature, level in losses]
    whole = tuple(loss for path, loss in made if path == "workout")
    steps = tuple(StepFidelity(path, "", loss.level, (loss,)) for path, loss in made if path != "workout")
    return FidelityReport("fake", worst([loss.level for _, loss in made]), steps, whole)


EXACT, DEGRADED, UNSUPPORTED = Fidelity.EXACT, Fidelity.DEGRADED, Fidelity.UNSUPPORTED


@pytest.mark.parametrize(
    ("loss", "stopped_by"),
    [
        (("steps[0]", "target", EXACT), set()),
        (("workout", "time", EXACT), set()),
        (("steps[0]", "target", DEGRADED), {STRICT}),
        (("workout", "name", DEGRADED), {STRICT}),
        (("steps[0]", "target", UNSUPPORTED), {STRICT, ACCEPT}),
        (("steps[0]", "cadence", UNSUPPORTED), {STRICT, ACCEPT}),
        (("steps[0]", "duration", UNSUPPORTED), {STRICT, ACCEPT, EFFORT}),
        (("steps[0]", "something new", UNSUPPORTED), {STRICT, ACCEPT, EFFORT}),
        (("workout", "sport", UNSUPPORTED), {STRICT, ACCEPT, EFFORT}),
        (("workout", "steps", UNSUPPORTED), {STRICT, ACCEPT, EFFORT}),
        (("workout", "target", UNSUPPORTED), {STRICT, ACCEPT, EFFORT}),
    ],
)
def test_what_stops_under_which_policy(
    loss: tuple[str, str, Fidelity], stopped_by: set[FidelityPolicy]
) -> None:
    assert {policy for policy in FidelityPolicy if find_stop(report(loss), policy)} == stopped_by


def test_the_first_loss_that_stops_is_named() -> None:
    both = report(("steps[0]", "notes", DEGRADED), ("steps[1]", "duration", UNSUPPORTED))
    assert find_stop(both, STRICT) == ("steps[0]", Loss("notes", DEGRADED, "no"))
    assert find_stop(both, EFFORT) == ("steps[1]", Loss("duration", UNSUPPORTED, "no"))


def test_what_goes_out_without_is_named() -> None:
    both = report(("steps[0]", "target", UNSUPPORTED), ("steps[1]", "notes", DEGRADED))
    assert find_left_out(both, EFFORT) == [("steps[0]", Loss("target", UNSUPPORTED, "no"))]
    assert find_left_out(both, ACCEPT) == []


def test_a_stricter_policy_stops_all_that_a_looser_one_does() -> None:
    features = [*sorted(DISPENSABLE), "duration", "sport"]
    for feature, level, path in itertools.product(features, Fidelity, ("steps[0]", "workout")):
        stops = [find_stop(report((path, feature, level)), policy) is not None for policy in FidelityPolicy]
        assert stops == sorted(stops, reverse=True)


def test_a_loss_in_words() -> None:
    assert tell_loss("steps[0]", Loss("target", UNSUPPORTED, "no FTP", suggestion="set it")) == (
        "steps[0]: no FTP (set it)"
    )
