"""Decisions of people about merging: made, listed and undone, each with what it changes."""

from __future__ import annotations

import msgspec

from hub_core.domain.merge import (
    ATHLETE,
    FILE,
    Decision,
    Identity,
    Join,
    Link,
    Order,
    Pin,
    Split,
    Unlink,
    VisibleActivity,
    VisibleDaily,
    VisibleNutrition,
    VisibleSleep,
)
from hub_core.domain.merge.days import DAILY_FIELDS, NUTRITION_FIELDS
from hub_core.domain.merge.fields import FIELDS
from hub_core.domain.merge.nights import SLEEP_FIELDS
from hub_core.errors import InvalidInputError, NotFoundError
from hub_core.services.hub import Hub
from hub_core.services.inbound.lock_athlete import lock_athlete
from hub_core.services.merging.recompute import load_rules, recompute_decision
from hub_core.services.merging.shown import EntityChange, Writer
from hub_core.storage import new_id, now_ms, save_row
from hub_core.storage.inbound_tables import Observation, Rule
from hub_core.storage.tables import Workout

#: So many differences are told in full.
MOST_TOLD = 200
_FIELDS: dict[str, tuple[tuple[str, ...], type[msgspec.Struct]]] = {
    "activity": (FIELDS, VisibleActivity),
    "daily": (DAILY_FIELDS, VisibleDaily),
    "sleep": ((*SLEEP_FIELDS, "night"), VisibleSleep),
    "nutrition": (NUTRITION_FIELDS, VisibleNutrition),
}
#: An activity is found by its time, and a night is no single value: both take a source's word only.
_SOURCE_ONLY = {"start", "duration_s", "moving_s", "laps", "device", "night"}
#: Of an activity there is an order for its curves, too.
_ORDERED = {"activity": "series"}


class RuleView(msgspec.Struct, frozen=True):
    """A decision that is in force."""

    id: str
    decision: Decision
    created_ms: int


class RuleChange(msgspec.Struct, frozen=True):
    """What a decision, or undoing it, changes: how many entities, and the first 200 of them in full.

    `rule` is null when it was undone, or only looked at.
    """

    rule: RuleView | None
    changed: int
    differences: tuple[EntityChange, ...]


class _OnlyLooked(Exception):  # noqa: N818 (it is no error, it takes everything back)
    """Ends the transaction of a preview."""


async def list_rules(athlete_id: str) -> list[RuleView]:
    """The decisions that are in force, the oldest first."""
    rows = (
        await Rule.objects()
        .where((Rule.athlete_id == athlete_id) & Rule.undone_ms.is_null())
        .order_by(Rule.created_ms, Rule.id)
    )
    return [_view(row) for row in rows]


async def decide(hub: Hub, athlete_id: str, decision: Decision, *, preview: bool = False) -> RuleChange:
    """Take a decision and compute the past anew. A preview does the same and takes it back.

    Raises `InvalidInputError` naming the place.
    """
    _check(hub, decision)
    row = Rule(
        id=new_id("rule"),
        athlete_id=athlete_id,
        kind=msgspec.to_builtins(decision)["type"],
        document=msgspec.json.encode(decision).decode(),
        created_ms=now_ms(),
    )
    differences: list[EntityChange] = []
    try:
        async with hub.engine.transaction():
            await lock_athlete(hub, athlete_id)
            await _check_known(athlete_id, decision)
            # Of two decisions about the same the newer one stands, also within one millisecond.
            row.created_ms = max(row.created_ms, 1 + await _newest_ms(athlete_id))
            await save_row(row)
            differences = await _apply(hub, athlete_id, decision)
            if preview:
                raise _OnlyLooked
    except _OnlyLooked:
        return _change(None, differences)
    return _change(_view(row), differences)


async def undo(hub: Hub, athlete_id: str, rule_id: str, *, preview: bool = False) -> RuleChange:
    """Take a decision back. What it had changed is computed anew without it."""
    differences: list[EntityChange] = []
    try:
        async with hub.engine.transaction():
            await lock_athlete(hub, athlete_id)
            mine = (Rule.id == rule_id) & (Rule.athlete_id == athlete_id) & Rule.undone_ms.is_null()
            row = await Rule.objects().where(mine).first()
            if row is None:
                raise NotFoundError("there is no such rule in force")
            row.undone_ms = now_ms()
            await save_row(row)
            differences = await _apply(hub, athlete_id, _view(row).decision)
            if preview:
                raise _OnlyLooked
    except _OnlyLooked:
        pass
    return _change(None, differences)


async def _newest_ms(athlete_id: str) -> int:
    mine = Rule.select(Rule.created_ms).where(Rule.athlete_id == athlete_id)
    newest = await mine.order_by(Rule.created_ms, ascending=False).first()
    return int(newest["created_ms"]) if newest else 0


async def _apply(hub: Hub, athlete_id: str, decision: Decision) -> list[EntityChange]:
    writer = Writer(hub, athlete_id)
    await recompute_decision(writer, await load_rules(athlete_id), decision)
    return writer.differences


def _view(row: Rule) -> RuleView:
    return RuleView(row.id, msgspec.json.decode(row.document, type=Decision), row.created_ms)


def _change(rule: RuleView | None, differences: list[EntityChange]) -> RuleChange:
    return RuleChange(rule, len(differences), tuple(differences[:MOST_TOLD]))


def _check(hub: Hub, decision: Decision) -> None:
    match decision:
        case Order():
            _check_order(hub, decision)
        case Pin():
            _check_pin(hub, decision)
        case Split():
            if not decision.others or decision.member in decision.others:
                raise InvalidInputError("name the statements that it is not one with", path="others")
        case Join():
            if decision.one == decision.other:
                raise InvalidInputError("is the same statement", path="other")
        case _:
            pass


def _check_order(hub: Hub, order: Order) -> None:
    kind, _, field = order.metric.partition(".")
    if kind not in _FIELDS:
        raise InvalidInputError(f"begins with {', '.join(_FIELDS)}", path="metric")
    if field and field not in _FIELDS[kind][0] and field != _ORDERED.get(kind):
        raise InvalidInputError(f"{kind} has no field {field!r}", path="metric")
    if kind == "sleep" and field not in ("", "night"):
        raise InvalidInputError("one source is believed about a whole night: sleep", path="metric")
    if len(set(order.sources)) != len(order.sources) or not order.sources:
        raise InvalidInputError("name each source once", path="sources")
    for index, source in enumerate(order.sources):
        _check_source(hub, source, f"sources[{index}]")


def _check_source(hub: Hub, source: str, path: str) -> None:
    known = {*hub.registry.providers, FILE, ATHLETE}
    if source not in known:
        raise InvalidInputError(f"is none of {', '.join(sorted(known))}", path=path)


def _check_pin(hub: Hub, pin: Pin) -> None:
    fields, type_ = _FIELDS[pin.kind]
    if pin.field not in fields:
        raise InvalidInputError(f"{pin.kind} has no field {pin.field!r}", path="field")
    if (pin.kind == "activity") != (pin.member is not None):
        raise InvalidInputError("an activity's pin names one of its statements, a day's none", path="member")
    if (pin.kind != "activity") != (pin.date is not None):
        raise InvalidInputError("a day's pin has a date, an activity's none", path="date")
    if bool(pin.source) == (pin.value is not None):
        raise InvalidInputError("a pin has a source or a value", path="value" if pin.source else "source")
    if pin.source:
        _check_source(hub, pin.source, "source")
        if pin.kind == "sleep" and pin.field != "night":
            raise InvalidInputError("one source is believed about a whole night: pin night", path="field")
        return
    if pin.field in _SOURCE_ONLY:
        raise InvalidInputError(f"{pin.field} can be pinned to a source only", path="value")
    told = next(field.type for field in msgspec.structs.fields(type_) if field.name == pin.field)
    try:
        msgspec.convert(pin.value, told)
    except msgspec.ValidationError as error:
        raise InvalidInputError(str(error), path="value") from None


async def _check_known(athlete_id: str, decision: Decision) -> None:
    for path, identity in _named(decision):
        if not await Observation.exists().where(
            (Observation.athlete_id == athlete_id)
            & (Observation.kind == "activity")
            & (Observation.source == identity.source)
            & (Observation.external_id == identity.external_id)
        ):
            raise InvalidInputError("there is no such statement", path=path)
    if isinstance(decision, Link) and not await Workout.exists().where(
        (Workout.id == decision.workout_id) & (Workout.athlete_id == athlete_id)
    ):
        raise InvalidInputError("there is no such workout", path="workout_id")


def _named(decision: Decision) -> list[tuple[str, Identity]]:
    match decision:
        case Split():
            others = [(f"others[{index}]", other) for index, other in enumerate(decision.others)]
            return [("member", decision.member), *others]
        case Join():
            return [("one", decision.one), ("other", decision.other)]
        case Link() | Unlink():
            return [("member", decision.member)]
        case Pin():
            return [("member", decision.member)] if decision.member else []
        case Order():
            return []
