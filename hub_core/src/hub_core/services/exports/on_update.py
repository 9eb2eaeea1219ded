"""What becomes of the copy that a provider holds when its workout is changed (row A2)."""

from __future__ import annotations

import msgspec

from hub_core.domain.policy import OnUpdate
from hub_core.services.exports.settle_export import Work
from hub_core.storage import change_row, jobs
from hub_core.storage.tables import Attempt, Export


def makes_another(work: Work, choice: OnUpdate, before: Attempt | None) -> bool:
    """Whether this revision goes out beside the copy that is there. The same revision again never does."""
    is_newer = before is not None and before.revision != work.revision
    return choice is OnUpdate.CREATE and work.export.external_ids != "{}" and is_newer


async def leave_copy(work: Work) -> None:
    """Let the copy stand as it is; from here on the export is about one that isn't made yet.

    It gets a reference of its own, so that looking it up never finds the other one. Deleting the workout
    withdraws them all.
    """
    export = work.export
    export.older_copies = msgspec.json.encode([*older_copies(export), held_copy(export)]).decode()
    export.external_ids = export.progress = "{}"
    export.copy_revision, export.sent_revision = work.revision, None
    async with work.hub.engine.transaction():
        await change_row(
            Export,
            export.id,
            older_copies=export.older_copies,
            external_ids="{}",
            progress="{}",
            copy_revision=work.revision,
            sent_revision=None,
        )
        await jobs.extend(work.hub.engine, work.lease)


def older_copies(export: Export) -> list[dict[str, str]]:
    """The ids of the copies that were left to stand, oldest first."""
    return msgspec.json.decode(export.older_copies, type=list[dict[str, str]])


def held_copy(export: Export) -> dict[str, str]:
    """The ids of the copy that the export is about; none while there is none."""
    return msgspec.json.decode(export.external_ids, type=dict[str, str])


def held_progress(export: Export) -> dict[str, str]:
    """The ids of what an unfinished try has made so far."""
    return msgspec.json.decode(export.progress, type=dict[str, str])
