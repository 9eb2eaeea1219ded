"""A compile that loses something in silence is caught: one broken plugin for each case."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from hub_core.sdk import (
    Athlete,
    CompiledWorkout,
    Fidelity,
    FidelityReport,
    Metric,
    PlannedWorkout,
    Sport,
    adapt_workout,
)
from hub_core.testing.conformance import CASES
from hub_core.testing.strategies import KNOWN_ATHLETE
from hub_fake.plugin import MANIFEST, to_step

Declare = Callable[..., None]
Break = Callable[[SimpleNamespace, Declare], Any]
Change = Callable[[CompiledWorkout, PlannedWorkout], CompiledWorkout]


def but(change: Change) -> Break:
    """Fake's own compile, and then a change to what it made."""

    def install(fake: SimpleNamespace, _: Declare) -> None:
        compile_workout = fake.compile_workout
        fake.compile_workout = lambda workout, athlete: change(compile_workout(workout, athlete), workout)

    return install


def carrying(**capabilities: Any) -> Break:
    """A compile for other capabilities than those that Fake declares."""
    able = msgspec.structs.replace(MANIFEST.capabilities, **capabilities)
    other = msgspec.structs.replace(MANIFEST, capabilities=able)

    def compile_workout(workout: PlannedWorkout, athlete: Athlete) -> CompiledWorkout:
        adapted = adapt_workout(workout, athlete, other)
        steps = {"steps": [to_step(node) for node in adapted.steps]}
        return CompiledWorkout(steps, adapted.report, workout.date or dt.date.min)

    return lambda fake, declare: setattr(fake, "compile_workout", compile_workout)


def declaring(**capabilities: Any) -> Break:
    """Fake's own compile, under a manifest that says something else."""
    return lambda fake, declare: declare(capabilities=capabilities)


def given(workout: dict[str, Any] | None = None, athlete: Athlete | None = None) -> Break:
    """Fake's own compile of something else than what it was given."""

    def install(fake: SimpleNamespace, _: Declare) -> None:
        compile_workout, fields, always = fake.compile_workout, workout or {}, athlete
        fake.compile_workout = lambda workout, athlete: compile_workout(
            msgspec.structs.replace(workout, **fields), always or athlete
        )

    return install


def with_payload(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Break:
    return but(lambda made, _: msgspec.structs.replace(made, payload=made.payload | change(made.payload)))


def with_report(change: Callable[[FidelityReport], FidelityReport]) -> Break:
    return but(lambda made, _: msgspec.structs.replace(made, fidelity=change(made.fidelity)))


def called_exact(report: FidelityReport) -> FidelityReport:
    return msgspec.structs.replace(report, level=Fidelity.EXACT)


def last_line_forgotten(report: FidelityReport) -> FidelityReport:
    return msgspec.structs.replace(report, steps=report.steps[:-1])


def unexplained(report: FidelityReport) -> FidelityReport:
    lines = tuple(
        msgspec.structs.replace(
            line, losses=tuple(msgspec.structs.replace(loss, reason="") for loss in line.losses)
        )
        for line in report.steps
    )
    return msgspec.structs.replace(report, steps=lines)


def a_day_earlier(made: CompiledWorkout, _: PlannedWorkout) -> CompiledWorkout:
    return msgspec.structs.replace(made, date=made.date - dt.timedelta(days=1))


def numbered(fake: SimpleNamespace, declare: Declare) -> None:
    numbers = itertools.count()
    with_payload(lambda _: {"number": next(numbers)})(fake, declare)


BREAKS: dict[str, Break] = {
    "compile.pure": numbered,
    "compile.date": but(a_day_earlier),
    "compile.report": with_report(last_line_forgotten),
    "compile.level": with_report(called_exact),
    "compile.sports": declaring(sports=MANIFEST.capabilities.sports | {Sport.YOGA}),
    "compile.other_sports": given({"sport": Sport.RUN}),
    "compile.durations": carrying(durations=frozenset({"time"})),
    "compile.other_durations": declaring(durations=frozenset({"time"})),
    "compile.targets": carrying(targets={Metric.POWER: frozenset({"range", "percent"})}),
    "compile.other_targets": declaring(targets={Metric.POWER: frozenset({"range", "percent"})}),
    "compile.converted_targets": declaring(targets={Metric.POWER: frozenset({"range"})}),
    "compile.missing_threshold": given(athlete=KNOWN_ATHLETE),
    "compile.repeats": carrying(max_repeat_depth=0),
    "compile.deep_repeats": carrying(max_repeat_depth=2),
    "compile.max_steps": declaring(max_steps=50),
    "compile.ramps": declaring(ramps=True),
    "compile.cadence": declaring(secondary_cadence=True),
    "compile.long_name": declaring(name_length=20),
    "compile.long_notes": declaring(notes_length=20),
    "compile.losses_explained": with_report(unexplained),
    "compile.exact_is_sent": with_payload(lambda _: {"description": ""}),
    "compile.text": with_payload(lambda body: {"title": body["title"].encode("ascii", "ignore").decode()}),
}

#: The same promises, broken in the other way.
ALSO: list[tuple[str, Break]] = [
    ("compile.date", but(lambda made, _: msgspec.structs.replace(made, time_zone="UTC"))),
    ("compile.other_sports", with_report(called_exact)),
    ("compile.max_steps", carrying(max_steps=50)),
    ("compile.ramps", carrying(ramps=True)),
    ("compile.cadence", carrying(secondary_cadence=True)),
    ("compile.exact_is_sent", with_payload(lambda _: {"title": "Workout"})),
    ("compile.exact_is_sent", with_payload(lambda body: {"steps": body["steps"][:1]})),
    ("compile.exact_is_sent", with_payload(lambda _: {"steps": []})),
]


@pytest.mark.parametrize(("case_id", "break_it"), [*BREAKS.items(), *ALSO])
def test_the_kit_catches_it(
    case_id: str, break_it: Break, fake: SimpleNamespace, declare: Declare, assert_caught: Any
) -> None:
    break_it(fake, declare)
    assert_caught(case_id)


def test_every_case_of_the_group_is_broken_once() -> None:
    assert set(BREAKS) == {case.id for case in CASES.values() if case.group == "compile"}
