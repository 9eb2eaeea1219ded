"""What an athlete has moved or edited at a provider becomes the plan, for all providers.

The copy that they have changed is what they want, so nothing is sent there. The day is always taken. Steps
are taken whole or not at all: what we would send of the plan with them must be what the athlete has made.
Otherwise their copy stays as they have it until the next revision, and the reason says why.
`docs/adr/0021-an-edit-is-adopted-whole-or-not-at-all.md`.
"""

from __future__ import annotations

from typing import Any

import msgspec

from hub_core.domain.adopt_steps import CannotAdoptError, adopt_steps
from hub_core.domain.athlete import Athlete as Thresholds
from hub_core.domain.compare import Difference, compare_steps
from hub_core.domain.drift import find_new_date
from hub_core.domain.workout import Node, PlannedWorkout
from hub_core.errors import HubError
from hub_core.sdk.errors import ProviderError
from hub_core.sdk.exports import CompiledWorkout
from hub_core.services.exports.preflight_workout import compile_workout
from hub_core.services.exports.schedule_exports import JOB_KIND
from hub_core.services.exports.settle_export import digest_of
from hub_core.services.exports.statuses import ExportStatus, Verification, set_export_status
from hub_core.services.exports.verify_export import CannotCompareError, compile_sent
from hub_core.services.hub import Hub
from hub_core.services.inbound.lock_athlete import lock_athlete
from hub_core.services.workouts.save_workout import change_workout, load_workout, read_document
from hub_core.storage import find_row, jobs
from hub_core.storage.tables import Athlete, Export

_TOLD = 3


async def adopt_drift(hub: Hub, athlete: Athlete, export_id: str) -> None:
    """Let the plan follow the athlete, as far as it can without losing anything of its own."""
    seen = await find_row(Export, id=export_id)
    if seen is None or seen.reason_code != "drifted":
        return
    row = await load_workout(athlete.id, seen.workout_id)
    differences = msgspec.json.decode(seen.differences, type=tuple[Difference, ...])
    date = find_new_date(differences)
    present = read_document(row)
    moved = msgspec.structs.replace(present, date=date) if date else present
    try:  # before the transaction: the plugin is asked, which may take its time
        plan, compiled = await _adopt_all(hub, seen, moved)
    except (CannotAdoptError, CannotCompareError, HubError, ProviderError) as error:
        plan, compiled, obstacle = moved, None, str(error).rstrip(".")
    else:
        obstacle = ""
    async with hub.engine.transaction():
        await lock_athlete(hub, athlete.id)
        export = await find_row(Export, id=export_id, lock=True)
        if export is None or vars(export) != vars(seen):
            return  # somebody else has decided, or something newer was seen
        if (await load_workout(athlete.id, export.workout_id)).revision != row.revision:
            return  # the plan was changed
        revision = export.wanted_revision
        if plan != present:
            revision = (await change_workout(hub, athlete, export.workout_id, plan)).revision
            await jobs.cancel(hub.engine, JOB_KIND, [export.id])  # this copy is what it is to be
        title = hub.registry.get(export.provider).manifest.title
        fields = _as_adopted(compiled) if compiled else _as_edited()
        await set_export_status(
            hub,
            export.id,
            export.athlete_id,
            ExportStatus.SENT,
            code="adopted" if compiled else "kept_as_edited",
            reason=_tell(title, differences, is_moved=bool(date), obstacle=obstacle),
            sent_revision=revision,
            drift="",
            drift_ms=None,
            drift_steps="",
            next_try_ms=None,
            **fields,
        )


async def _adopt_all(
    hub: Hub, export: Export, moved: PlannedWorkout
) -> tuple[PlannedWorkout, CompiledWorkout]:
    """The plan with day and steps of the copy, and the provider's form of it, which is there already."""
    _, sent = await compile_sent(hub, export, export.wanted_revision)
    if sent.meant is None or not export.drift_steps:
        raise CannotAdoptError("what is there can't be read back")
    held = msgspec.json.decode(export.drift_steps, type=tuple[Node, ...])
    thresholds = msgspec.json.decode(export.sent_thresholds, type=Thresholds)
    plan = adopt_steps(moved, sent.meant, held, thresholds)
    compiled = await compile_workout(hub.dispatcher, export.provider, plan, thresholds)
    if left := compare_steps(compiled.meant or (), held, plan.sport):
        raise CannotAdoptError(f"sent again it would be another one ({left[0].words()})")
    return plan, compiled


def _as_adopted(compiled: CompiledWorkout) -> dict[str, Any]:
    return {
        "sent_digest": digest_of(msgspec.json.encode(compiled.payload)),
        "fidelity": msgspec.json.encode(compiled.fidelity).decode(),
        "verification": Verification.SAME,
        "verification_reason": "",
        "differences": "[]",
    }


def _as_edited() -> dict[str, Any]:
    return {"verification": Verification.CHANGED}


def _tell(title: str, differences: tuple[Difference, ...], *, is_moved: bool, obstacle: str) -> str:
    if not obstacle:
        told = "; ".join(one.words() for one in differences[:_TOLD])
        more = f"; and {len(differences) - _TOLD} more" if len(differences) > _TOLD else ""
        return f"The athlete changed it in {title}, and the plan follows: {told}{more}."
    day = " The plan follows to that day." if is_moved else ""
    return (
        f"The athlete changed it in {title}, and it stays so there until the next revision.{day}"
        f" The steps of the plan stay as they are: {obstacle}."
    )
