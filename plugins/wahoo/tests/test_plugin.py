"""The hooks against the sandbox, over HTTP."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

import hub_wahoo.plugin as plugin
from hub_core.sandbox import FaultKind
from hub_core.sdk import (
    NotFound,
    ProviderContext,
    Receipt,
    Rejected,
    RetryLater,
)
from hub_core.testing.harness import ProviderHarness

from .calls import compiled, held, sandbox_of

# -- export -------------------------------------------------------------------------------------------


async def test_export_workout_reaches_the_device(wahoo: ProviderHarness) -> None:
    receipt = await plugin.export_workout(await wahoo.connect(), compiled())
    (shown,) = wahoo.device().workouts
    assert (shown.title, shown.sport, shown.note) == ("Over-unders", "Cycling", "")
    assert shown.lines == ("3 times:", "  On: 4 min, 250–270 W", "  2 min, by feel")
    assert shown.external_id == receipt.external_id == receipt.external_ids["workout_id"]
    assert wahoo.checkpoints == [{"plan_id": receipt.external_ids["plan_id"]}, receipt.external_ids]


async def test_a_plan_alone_shows_nowhere_so_a_workout_follows(wahoo: ProviderHarness) -> None:
    context = await wahoo.connect()
    wahoo.fault(FaultKind.STATUS, "/v1/workouts", value=503)
    with pytest.raises(RetryLater):
        await plugin.export_workout(context, compiled())
    assert held(wahoo) == (1, 0)
    assert wahoo.device().workouts == ()


async def test_a_first_try_makes_two_calls(wahoo: ProviderHarness) -> None:
    context = await wahoo.connect()
    wahoo.sandbox.journal.clear()
    await plugin.export_workout(context, compiled())
    assert [(e.method, e.path) for e in wahoo.sandbox.journal] == [
        ("POST", "/v1/plans"),
        ("POST", "/v1/workouts"),
    ]


async def test_our_reference_is_external_id_and_workout_token(wahoo: ProviderHarness) -> None:
    await plugin.export_workout(await wahoo.connect(), compiled())
    store = sandbox_of(wahoo).store
    assert [plan.external_id for plan in store.plans.values()] == ["hub-wk-1"]
    assert [workout.workout_token for workout in store.workouts.values()] == ["hub-wk-1"]


async def test_export_resumes_after_the_plan(wahoo: ProviderHarness) -> None:
    context = await wahoo.connect()
    wahoo.fault(FaultKind.STATUS, "/v1/workouts", method="POST", value=503, times=1)
    with pytest.raises(RetryLater):
        await plugin.export_workout(context, compiled())
    await plugin.export_workout(wahoo.again(context), compiled(seconds=300))
    assert held(wahoo) == (1, 1)
    assert "  On: 5 min, 250–270 W" in wahoo.device().workouts[0].lines


async def test_export_resumes_when_all_was_sent_and_only_the_receipt_was_lost(wahoo: ProviderHarness) -> None:
    context = await wahoo.connect()
    first = await plugin.export_workout(context, compiled())
    assert await plugin.export_workout(wahoo.again(context), compiled()) == first
    assert held(wahoo) == (1, 1)


async def test_progress_that_is_gone_is_made_anew(wahoo: ProviderHarness) -> None:
    context = await wahoo.connect()
    receipt = await plugin.export_workout(context, compiled())
    await plugin.withdraw_workout(context, receipt)
    again = await plugin.export_workout(wahoo.again(context), compiled())
    assert again != receipt
    assert held(wahoo) == (1, 1)


@pytest.mark.parametrize("path", ["/v1/plans", "/v1/workouts"])
@pytest.mark.parametrize("kind", [FaultKind.DROP_AFTER, FaultKind.MALFORMED])
async def test_post_is_not_idempotent_so_a_lost_answer_is_looked_up(
    wahoo: ProviderHarness, path: str, kind: FaultKind
) -> None:
    context = await wahoo.connect()
    wahoo.fault(kind, path, method="POST", times=1)
    with pytest.raises(RetryLater) as caught:
        await plugin.export_workout(context, compiled())
    assert caught.value.outcome_unknown
    retry = wahoo.again(context, outcome_unknown=True)
    receipt = await plugin.find_workout(retry, compiled()) or await plugin.export_workout(retry, compiled())
    assert held(wahoo) == (1, 1)
    assert wahoo.device().workouts[0].external_id == receipt.external_id


async def test_find_workout_after_a_lost_workout(wahoo: ProviderHarness) -> None:
    context = await wahoo.connect()
    receipt = await plugin.export_workout(context, compiled())
    assert await plugin.find_workout(context, compiled()) == receipt
    stranger = dataclasses.replace(context, reference="hub-wk-2")
    assert await plugin.find_workout(stranger, compiled()) is None


async def test_find_workout_wants_both_halves(wahoo: ProviderHarness) -> None:
    context = await wahoo.connect()
    receipt = await plugin.export_workout(context, compiled())
    sandbox_of(wahoo).store.workouts.clear()
    assert await plugin.find_workout(context, compiled()) is None
    again = await plugin.export_workout(dataclasses.replace(context, outcome_unknown=True), compiled())
    assert again.external_ids["plan_id"] == receipt.external_ids["plan_id"]
    assert held(wahoo) == (1, 1)


async def test_a_workout_that_lost_its_plan_is_linked_again(wahoo: ProviderHarness) -> None:
    context = await wahoo.connect()
    receipt = await plugin.export_workout(context, compiled())
    store = sandbox_of(wahoo).store
    store.delete_plan(store.plan("athlete-1", receipt.external_ids["plan_id"]))
    assert await plugin.find_workout(context, compiled()) is None
    again = await plugin.export_workout(dataclasses.replace(context, outcome_unknown=True), compiled())
    assert again.external_ids["workout_id"] == receipt.external_ids["workout_id"]
    assert held(wahoo) == (1, 1)
    assert len(wahoo.device().workouts) == 1


async def test_deleted_plans_may_still_be_listed(wahoo: ProviderHarness) -> None:
    sandbox_of(wahoo).lists_deleted_plans = True
    context = await wahoo.connect()
    receipt = await plugin.export_workout(context, compiled())
    await plugin.withdraw_workout(context, receipt)
    again = await plugin.export_workout(dataclasses.replace(context, outcome_unknown=True), compiled())
    assert again.external_ids["plan_id"] != receipt.external_ids["plan_id"]
    assert held(wahoo) == (1, 1)


async def fill(wahoo: ProviderHarness, context: ProviderContext, starts: dt.datetime, count: int) -> None:
    """Workouts of other origin, an hour apart, back in time from `starts`."""
    store = sandbox_of(wahoo).store
    template = next(iter(store.workouts.values()))
    for index in range(count):
        number = next(store.next_workout_id)
        moment = starts - dt.timedelta(hours=index)
        store.workouts[number] = dataclasses.replace(
            template, id=number, workout_token=f"other-{index}", starts=moment
        )


async def test_workouts_are_scanned_page_by_page(wahoo: ProviderHarness) -> None:
    context = await wahoo.connect()
    receipt = await plugin.export_workout(context, compiled())
    await fill(wahoo, context, dt.datetime.now(dt.UTC) + dt.timedelta(days=30), 250)
    wahoo.sandbox.journal.clear()
    assert await plugin.find_workout(context, compiled()) == receipt
    assert wahoo.sandbox.journal.count("GET", "/v1/workouts") == 3


async def test_the_scan_stops_before_the_planned_day(wahoo: ProviderHarness) -> None:
    context = await wahoo.connect()
    await plugin.export_workout(context, compiled())
    await fill(wahoo, context, dt.datetime.now(dt.UTC), 250)
    stranger = dataclasses.replace(context, reference="hub-wk-2", outcome_unknown=True)
    wahoo.sandbox.journal.clear()
    await plugin.export_workout(stranger, compiled())
    assert wahoo.sandbox.journal.count("GET", "/v1/workouts") == 1


async def test_a_raw_file_would_have_no_url_and_the_prefix_is_sent(wahoo: ProviderHarness) -> None:
    await plugin.export_workout(await wahoo.connect(), compiled())
    assert all(plan.document for plan in sandbox_of(wahoo).store.plans.values())


async def test_file_url_null_is_rejected_and_nothing_is_left(
    wahoo: ProviderHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = await wahoo.connect()
    monkeypatch.setattr("hub_wahoo.sandbox_api.read_file", lambda text, strict: None)
    with pytest.raises(Rejected, match="could not read its file"):
        await plugin.export_workout(context, compiled())
    assert held(wahoo) == (0, 0)


async def test_an_unapproved_app_is_told_in_wahoos_words(wahoo: ProviderHarness) -> None:
    context = await wahoo.connect()
    sandbox_of(wahoo).approved = False
    with pytest.raises(Rejected, match="This app is not approved for plans"):
        await plugin.export_workout(context, compiled())


async def test_an_invalid_plan_is_rejected_with_the_message(wahoo: ProviderHarness) -> None:
    context = await wahoo.connect()
    bad = compiled()
    bad.payload["plan"]["header"]["author"] = "hub"
    with pytest.raises(Rejected) as caught:
        await plugin.export_workout(context, bad)
    assert caught.value.reason == "wahoo: field 'author' is not an allowed field"
    assert not isinstance(caught.value, NotFound)


async def test_a_refused_workout_takes_its_plan_along(wahoo: ProviderHarness) -> None:
    context = await wahoo.connect()
    bad = compiled()
    bad.payload["workout"]["workout_type_id"] = 24
    with pytest.raises(Rejected, match="workout_type_id"):
        await plugin.export_workout(context, bad)
    assert held(wahoo) == (0, 0)


@pytest.mark.parametrize("status", [200, 201])
async def test_created_may_be_200_or_201(wahoo: ProviderHarness, status: int) -> None:
    sandbox_of(wahoo).create_status = status
    await plugin.export_workout(await wahoo.connect(), compiled())
    assert held(wahoo) == (1, 1)


@pytest.mark.parametrize(("days", "shown"), [(-1, 0), (0, 1), (6, 1), (7, 0)])
async def test_devices_show_today_to_six_days_ahead(wahoo: ProviderHarness, days: int, shown: int) -> None:
    await plugin.export_workout(await wahoo.connect(), compiled(days_ahead=days))
    assert held(wahoo) == (1, 1)  # accepted without error either way
    assert len(wahoo.device().workouts) == shown


# -- update, withdraw, read back ----------------------------------------------------------------------


async def test_update_workout_replaces_both(wahoo: ProviderHarness) -> None:
    context = await wahoo.connect()
    receipt = await plugin.export_workout(context, compiled())
    assert await plugin.update_workout(context, compiled("Threshold", 2, 360), receipt) == receipt
    (shown,) = wahoo.device().workouts
    assert (shown.title, shown.lines[1]) == ("Threshold", "  On: 6 min, 250–270 W")
    assert shown.date == dt.datetime.now(dt.UTC).date() + dt.timedelta(days=2)
    assert held(wahoo) == (1, 1)


async def test_put_plan_takes_no_external_id(wahoo: ProviderHarness) -> None:
    context = await wahoo.connect()
    receipt = await plugin.export_workout(context, compiled())
    await plugin.update_workout(context, compiled(), receipt)
    (put,) = [e for e in wahoo.sandbox.journal if (e.method, e.path[:9]) == ("PUT", "/v1/plans")]
    assert "external_id" not in put.body
    assert "provider_updated_at" in put.body


@pytest.mark.parametrize("gone", ["plan", "workout", "both"])
async def test_update_of_something_gone_leaves_nothing_behind(wahoo: ProviderHarness, gone: str) -> None:
    context = await wahoo.connect()
    receipt = await plugin.export_workout(context, compiled())
    store = sandbox_of(wahoo).store
    if gone != "workout":
        store.delete_plan(store.plan("athlete-1", receipt.external_ids["plan_id"]))
    if gone != "plan":
        store.workouts.clear()
    with pytest.raises(NotFound):
        await plugin.update_workout(context, compiled(), receipt)
    assert held(wahoo) == (0, 0)
    await plugin.export_workout(context, compiled())
    assert held(wahoo) == (1, 1)


async def test_update_of_a_half_is_not_found(wahoo: ProviderHarness) -> None:
    context = await wahoo.connect()
    receipt = await plugin.export_workout(context, compiled())
    half = Receipt({"plan_id": receipt.external_ids["plan_id"]})
    with pytest.raises(NotFound):
        await plugin.update_workout(context, compiled(), half)
    assert (await plugin.read_back_workout(context, half)).exists is False


@pytest.mark.parametrize("status", [200, 204])
async def test_withdraw_workout_removes_both_and_may_be_repeated(wahoo: ProviderHarness, status: int) -> None:
    sandbox_of(wahoo).delete_status = status
    context = await wahoo.connect()
    receipt = await plugin.export_workout(context, compiled())
    await plugin.withdraw_workout(context, receipt)
    assert held(wahoo) == (0, 0)
    await plugin.withdraw_workout(context, receipt)


async def test_withdraw_workout_removes_a_plan_that_never_got_its_workout(wahoo: ProviderHarness) -> None:
    context = await wahoo.connect()
    wahoo.fault(FaultKind.STATUS, "/v1/workouts", value=503, times=1)
    with pytest.raises(RetryLater):
        await plugin.export_workout(context, compiled())
    await plugin.withdraw_workout(context, Receipt(wahoo.checkpoints[-1]))
    assert held(wahoo) == (0, 0)


async def test_read_back_workout(wahoo: ProviderHarness) -> None:
    context = await wahoo.connect()
    receipt = await plugin.export_workout(context, compiled())
    copy = await plugin.read_back_workout(context, receipt)
    assert copy.exists
    assert copy.payload["workout"]["name"] == copy.payload["plan"]["name"] == "Over-unders"
    assert copy.payload["workout"]["minutes"] == 18


@pytest.mark.parametrize("gone", ["plan", "workout"])
async def test_read_back_of_something_gone(wahoo: ProviderHarness, gone: str) -> None:
    context = await wahoo.connect()
    receipt = await plugin.export_workout(context, compiled())
    store = sandbox_of(wahoo).store
    if gone == "plan":  # the workout stays and loses its link
        store.delete_plan(store.plan("athlete-1", receipt.external_ids["plan_id"]))
    else:
        store.workouts.clear()
    assert (await plugin.read_back_workout(context, receipt)).exists is False
