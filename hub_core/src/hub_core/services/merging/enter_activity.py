"""What an athlete says about an activity of theirs: its name, notes, and how hard it felt."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from hub_core.domain.merge import ATHLETE, Statement, is_about
from hub_core.domain.records import Activity, Deleted, Records
from hub_core.domain.validate import MAX_NAME, MAX_TEXT, check_text
from hub_core.errors import InvalidInputError
from hub_core.services.hub import Hub
from hub_core.services.inbound.lock_athlete import lock_athlete
from hub_core.services.inbound.observations import find_standing, is_one_of
from hub_core.services.inbound.observe import observe
from hub_core.services.merging.read_activity import ActivityView, load_activity, read_visible, view_activity
from hub_core.storage import now_ms

type Words = Mapping[str, str | float | None]

_NOTHING: dict[str, str | float | None] = {"name": "", "notes": "", "perceived_exertion": None}


async def enter_activity(hub: Hub, athlete_id: str, activity_id: str, words: Words) -> ActivityView:
    """Keep an athlete's words (`name`, `notes`, `perceived_exertion`) about an activity. None takes one back.

    They count before what any source says of it. Raises `InvalidInputError` naming the field.
    """
    _check(words)
    given = {field: _NOTHING[field] if value is None else value for field, value in words.items()}
    async with hub.engine.transaction():
        await lock_athlete(hub, athlete_id)
        row = await load_activity(athlete_id, activity_id)
        visible = read_visible(row)
        condition, arguments = is_one_of(visible.members)
        members = await find_standing(hub, athlete_id, Activity, condition, *arguments)
        known = [one for one in members if is_about(one)]
        anchor = next(one.identity for one in members if not is_about(one))
        first = Activity(
            str(anchor),
            visible.sport,
            visible.start,
            visible.duration_s,
            origin=anchor.source,
            origin_id=anchor.external_id,
            is_manual=True,
        )
        said = [_say(one, given) for one in known] or [
            msgspec.structs.replace(first, **given, version=now_ms())
        ]
        gone = [one for one in said if all(getattr(one, field) == _NOTHING[field] for field in _NOTHING)]
        kept = tuple(one for one in said if one not in gone)
        deleted = tuple(Deleted(one.external_id, "activity", one.version) for one in gone if known)
        await observe(hub, athlete_id, ATHLETE, Records(kept, deleted))
        return view_activity(await load_activity(athlete_id, row.id))


def _say(before: Statement[Activity], given: Words) -> Activity:
    return msgspec.structs.replace(before.record, **given, version=max(now_ms(), before.version + 1))


def _check(words: Words) -> None:
    if not words:
        raise InvalidInputError("nothing is given")
    for field, most in (("name", MAX_NAME), ("notes", MAX_TEXT)):
        if isinstance(text := words.get(field), str):
            check_text(text, most, field)
    exertion = words.get("perceived_exertion")
    if isinstance(exertion, int | float) and not 1 <= exertion <= 10:
        raise InvalidInputError("must be between 1 and 10", path="perceived_exertion")
