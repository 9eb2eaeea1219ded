"""Looks from time to time whether what was sent is still there, as it was sent: a job for each connection.

Only what we sent is looked at, by the ids that the provider gave it, and only what is still ahead. What can't
be looked at has not changed. What seems to be gone is looked at twice, and when most is gone at once nobody's
policy counts: people are asked.
"""

from __future__ import annotations

import datetime as dt
import random
from typing import NamedTuple

import msgspec

from hub_core.domain.athlete import Athlete as Thresholds
from hub_core.domain.compare import Difference
from hub_core.domain.drift import GONE, Drift, OnDrift, find_drift, is_too_much
from hub_core.domain.local_day import today_in
from hub_core.domain.workout import Node
from hub_core.errors import LeaseLostError
from hub_core.sdk.errors import ProviderError, ReconnectNeeded, RetryLater
from hub_core.services.exports.on_drift import on_drift_of
from hub_core.services.exports.reactions import wait_s
from hub_core.services.exports.settle_drift import follow_drift
from hub_core.services.exports.settle_export import why_not_read_back
from hub_core.services.exports.statuses import ConnectionStatus, ExportStatus, Verification, set_export_status
from hub_core.services.exports.verify_export import (
    CannotCompareError,
    compile_sent,
    find_differences,
    read_copy,
    stands,
)
from hub_core.services.hub import Hub
from hub_core.storage import change_row, find_row, jobs, now_ms
from hub_core.storage.jobs import Lease
from hub_core.storage.tables import Athlete, Connection, Export, Workout

_MINUTE_MS = 60_000
#: How often the job comes round. Each export is looked at once a day, on the last two days every round.
ROUND_MS = 8 * 60 * _MINUTE_MS
_DAILY_MS = 20 * 60 * _MINUTE_MS
_SOON_DAYS = 1
#: What is gone is looked at again after so long.
CONFIRM_MS = 5 * _MINUTE_MS
#: A round looks at no more; the next one goes on.
MOST_LOOKS = 40
_TOLD = 3


async def watch_drift(hub: Hub, lease: Lease) -> None:
    """Do the job that `lease` stands for. Raises `LeaseLostError`, and nothing else on purpose."""
    row = await find_row(Connection, id=lease.subject_id)
    athlete = await find_row(Athlete, id=row.athlete_id) if row else None
    if (
        row is None
        or athlete is None
        or row.status != ConnectionStatus.CONNECTED
        or row.provider not in hub.registry.providers
        or why_not_read_back(hub, row.provider)
    ):
        await jobs.finish(hub.engine, lease)
        return
    try:
        seen = await _look_round(hub, row, athlete)
    except ReconnectNeeded:  # the connection has ended, and everybody was told
        await jobs.finish(hub.engine, lease)
        return
    except RetryLater as error:
        run_at_ms = now_ms() + 10 * _MINUTE_MS + int(1000 * wait_s(error, tries=lease.tries))
        await jobs.retry(hub.engine, lease, run_at_ms=run_at_ms, error=error.message, counts=False)
        return
    gone = [one.export for one in seen if GONE in one.found]
    doubtful = is_too_much(len(gone), len(seen))
    policy = OnDrift.ASK if doubtful else await on_drift_of(athlete, row.provider)
    await jobs.extend(hub.engine, lease)
    waits = [await _settle(hub, athlete, one, policy) for one in seen]
    rest = CONFIRM_MS if any(waits) else int(ROUND_MS * random.uniform(0.9, 1.1))  # noqa: S311
    await jobs.retry(hub.engine, lease, run_at_ms=now_ms() + rest, error="", counts=False)


class Seen(NamedTuple):
    """What a look has shown: what is otherwise than it was sent, and the steps that are there now."""

    export: Export
    found: tuple[Difference, ...]
    steps: tuple[Node, ...] = ()


async def _look_round(hub: Hub, row: Connection, athlete: Athlete) -> list[Seen]:
    """What is due for a look."""
    seen = []
    for export in await _due(row, athlete):
        try:
            seen.append(await _look_at(hub, export))
        except (LeaseLostError, ReconnectNeeded, RetryLater):
            raise
        except ProviderError:
            continue  # this one can't be looked at, which says nothing of it
    return seen


async def _due(row: Connection, athlete: Athlete) -> list[Export]:
    zone = msgspec.json.decode(athlete.thresholds, type=Thresholds).time_zone
    today = today_in(zone)
    soon = (today + dt.timedelta(days=_SOON_DAYS)).isoformat()
    ahead = await Workout.objects().where(
        (Workout.athlete_id == athlete.id) & (Workout.date >= today.isoformat()) & (Workout.deleted == False)  # noqa: E712
    )
    dates = {one.id: one.date for one in ahead}
    sent = await Export.objects().where(
        (Export.athlete_id == athlete.id)
        & (Export.provider == row.provider)
        & (Export.status == ExportStatus.SENT)
        & (Export.verification != Verification.PENDING)
    )
    now = now_ms()

    def is_due(export: Export) -> bool:
        if export.drift_ms is not None:
            return bool(export.drift_ms <= now - CONFIRM_MS)
        rest = ROUND_MS * 0.8 if dates[export.workout_id] <= soon else _DAILY_MS
        return bool((export.verified_ms or export.sent_ms or 0) <= now - rest)

    due = [one for one in sent if one.workout_id in dates and stands(one) and is_due(one)]
    return sorted(due, key=lambda one: (one.drift_ms is None, dates[one.workout_id], one.id))[:MOST_LOOKS]


async def _look_at(hub: Hub, export: Export) -> Seen:
    copy = await read_copy(hub, export)
    if not copy.exists:
        return Seen(export, (GONE,))
    if export.verification != Verification.SAME:
        return Seen(export, ())  # it never was as it was meant, or nobody could tell
    try:
        plan, compiled = await compile_sent(hub, export)
        found = find_differences(plan, compiled, copy)
    except CannotCompareError:
        return Seen(export, ())
    return Seen(export, found, copy.workout.steps if copy.workout else ())


async def _settle(hub: Hub, athlete: Athlete, seen: Seen, policy: OnDrift) -> bool:
    """Write down what was seen, and follow the policy. True: it has to be looked at again before long."""
    export, drift = seen.export, find_drift(seen.found)
    is_first_sight = drift is Drift.DELETED and export.drift_ms is None
    async with hub.engine.transaction():
        now = await find_row(Export, id=export.id, lock=True)
        if now is None or not stands(now) or now.sent_ms != export.sent_ms:
            return False  # something else is under way by now
        if drift is None or is_first_sight:
            now_seen_ms = now_ms()
            drift_ms = now_seen_ms if is_first_sight else None
            await change_row(Export, export.id, drift_ms=drift_ms, verified_ms=now_seen_ms)
            return is_first_sight
        await _show(hub, now, drift, seen)
    if policy is not OnDrift.ASK:
        await follow_drift(hub, athlete, now, drift, "adopt" if policy is OnDrift.ADOPT else "restore")
    return False


async def _show(hub: Hub, export: Export, drift: Drift, seen: Seen) -> None:
    await set_export_status(
        hub,
        export.id,
        export.athlete_id,
        ExportStatus.FAILED,
        code="drifted",
        reason=tell_drift(hub.registry.get(export.provider).manifest.title, drift, seen.found),
        # What is there is not the revision that was sent: a retry, or the next edit, replaces it.
        sent_revision=None,
        drift=drift,
        drift_ms=now_ms(),
        differences=msgspec.json.encode(seen.found).decode(),
        drift_steps=msgspec.json.encode(seen.steps).decode(),
        verified_ms=now_ms(),
    )


def tell_drift(title: str, drift: Drift, found: tuple[Difference, ...]) -> str:
    """`The athlete moved it in Garmin Connect: the date was to be ... Adopt that, or restore the plan.`"""
    told = "" if drift is Drift.DELETED else ": " + "; ".join(one.words() for one in found[:_TOLD])
    return f"The athlete {drift} it in {title}{told}. Adopt that, or restore the plan."
