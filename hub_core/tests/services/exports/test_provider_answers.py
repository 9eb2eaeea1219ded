"""What unwell providers answer: the reaction of the table, in the export, the `why` and the log."""

from __future__ import annotations

import logging

import pytest

from hub_core.sandbox.faults import FaultKind
from hub_core.sdk import http as http_module
from hub_core.services.exports.explain_workout import explain_workout
from hub_core.services.exports.tell_why import Stage
from hub_core.services.workouts.save_workout import save_workout

CREATES = {
    "garmin": "/workoutportal/workout/v2",
    "wahoo": "/v1/plans",
    "intervals": "/api/v1/athlete/0/events",
}

#: What is answered to a create, with the attempt's outcome and words that have to be found in it.
ANSWERS: dict[str, tuple[FaultKind, float, str, str, str]] = {
    "502 with HTML": (FaultKind.STATUS, 502, "retrying", "unknown", "answered 502: <h1>"),
    "401 with a good token": (FaultKind.STATUS, 401, "retrying", "retry", "answered 401"),
    "200 with an error body": (FaultKind.STATUS, 200, "retrying", "unknown", "cannot be read"),
    "truncated JSON": (FaultKind.MALFORMED, 0, "retrying", "unknown", "cannot be read"),
    "redirect to another host": (FaultKind.REDIRECT, 0, "rejected", "failed", "are not followed"),
    "10 MB body": (FaultKind.OVERSIZED, 10, "retrying", "unknown", "is over 5000000 bytes"),
    "slow drip": (FaultKind.DRIP, 0.3, "retrying", "unknown", "did not answer"),
}


@pytest.mark.parametrize("said", ANSWERS)
async def test_the_reaction_is_that_of_the_table(
    scene, plan, said: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind, value, code, outcome, words = ANSWERS[said]
    for name in CREATES:
        await scene.connect(name)
        scene.fault(name, kind, CREATES[name], method="POST", value=value)
    if said == "slow drip":
        monkeypatch.setattr(http_module, "CALL_TIMEOUT_S", 1.0)  # of 10 s, as it drips for minutes
    row = await save_workout(scene.hub, scene.athlete, plan)
    with caplog.at_level(logging.WARNING, "hub_core"):
        await scene.run_due()

    stories = await explain_workout(scene.hub, scene.athlete, row.id)
    assert {story.provider for story in stories} == set(CREATES)
    for story in stories:
        assert story.reason_code == code
        assert words in story.reason
        (answer,) = [fact for fact in story.chain if fact.stage is Stage.ANSWER]
        assert (answer.code, answer.is_ok) == (code, False)
        assert words in answer.text
        logged = [line.getMessage() for line in caplog.records if f"at {story.provider}" in line.getMessage()]
        assert any(story.export_id in line and code in line and words in line for line in logged)
    rows = await scene.hub.engine.execute('SELECT outcome FROM "attempt"')
    assert {one["outcome"] for one in rows} == {outcome}

    # Once it is well again, there is one copy, or somebody is asked; never two.
    for server in scene.sandboxes.values():
        server.sandbox.faults.clear()
    await scene.run_all()
    for story in await explain_workout(scene.hub, scene.athlete, row.id):
        shown = scene.titles(story.provider)
        if story.reason_code == "sent":
            assert shown == [plan.name]
        else:
            asked = ("garmin", "outcome_unknown") if outcome == "unknown" else (story.provider, "rejected")
            assert (story.provider, story.reason_code) == asked
            assert len(shown) <= 1
