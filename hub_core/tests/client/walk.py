"""Two devices, a coach's platform, a provider and the hub do things at random, while the network is cut."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import tempfile
from pathlib import Path
from typing import Any, Literal

import httpx
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from hub_core.client import screen
from hub_core.domain.records import DailyHealth
from hub_core.domain.sport import Sport
from hub_core.sandbox.recorded import RecordedActivity
from hub_core.sandbox.sender import send_webhook
from hub_core.sandbox.server import SandboxServer
from hub_core.sdk.client_pool import tls_context
from hub_core.testing.processes import PlatformClient, wait_until

from .cut_line import Cut, CutLine
from .ledger import About, Ledger, Typed
from .phone import Phone

_numbers = itertools.count(1)
_STEP = {"type": "step", "duration": {"type": "time", "duration_s": 600}}
DATES = ("2031-04-01", "2031-04-02")
#: The first two the provider tells as well.
DAY_FIELDS = ("steps", "hrv_rmssd_ms", "weight_kg")
PLAN_FIELDS = ("name", "description")
RUN_FIELDS = ("name", "notes")
#: What the hub may say no with: somebody else was quicker.
_OVERTAKEN = ("it was deleted meanwhile", "there is no such workout", "there is no such activity")

devices = st.integers(0, 1)
slots = st.integers(0, 3)
acts = st.sampled_from(("plans", "rewrites", "drops", "enters", "takes back", "describes", "walks"))
cuts = st.lists(st.sampled_from(Cut), max_size=3)
#: What a device does after something was typed: it syncs, and the line is cut; or it is offline (None).
syncing = st.sampled_from((None, *Cut))


class Walk(RuleBasedStateMachine):
    """An athlete with two devices. Slots are taken modulo what there is, so that a step can be replayed."""

    def __init__(self, platform: PlatformClient, provider: SandboxServer) -> None:
        super().__init__()
        number = next(_numbers)
        self.user = f"walker-{number}"
        self.athlete = platform.athlete(self.user, export_to="primary")
        self.athlete.connect("fake", user=self.user)
        self.athlete.connect_phone("healthkit")
        platform.call("PUT", f"{self.athlete.path}/connections/fake/primary")
        self.folder = tempfile.TemporaryDirectory()
        self.phones = [Phone(self.athlete, Path(self.folder.name) / f"{name}.db") for name in ("a", "b")]
        self.fake: Any = provider.sandbox
        self.line = CutLine(str(platform.http.base_url).removesuffix("/").removesuffix("/v1"))
        self.webhooks = httpx.Client(
            base_url=self.line.origin, headers={"Connection": "close"}, timeout=30, verify=tls_context()
        )
        self.first_push = len(self.fake.outbox)
        self.taken: set[int] = set()
        self.ledger = Ledger()
        self.values = itertools.count(1)
        self.samples = 0

    @initialize()
    def begin(self) -> None:
        """Everybody knows of a plan, a run and a typed value."""
        one, other = self.phones
        for number in range(2):
            self._plan(one, number)
        self._enter(one, 0, 1)
        self.the_watch(act="records", slot=0, metres=5_000, cut=Cut.NONE)
        wait_until(self._is_ingested, "the end of the first delivery")
        for phone in (one, other):
            phone.sync_to_the_end()

    # -- on a device ----------------------------------------------------------------------------------

    @rule(device=devices, act=acts, slot=slots, field=slots, then=syncing)
    def somebody(
        self,
        device: int,
        act: Literal["plans", "rewrites", "drops", "enters", "takes back", "describes", "walks"],
        slot: int,
        field: int,
        then: Cut | None,
    ) -> None:
        """A person does something, and the device syncs or is offline."""
        phone = self.phones[device]
        match act:
            case "plans":
                self._plan(phone, slot)
            case "rewrites":
                self._rewrite(phone, slot, PLAN_FIELDS[field % 2])
            case "drops":
                self._drop(phone, slot)
            case "enters":
                self._enter(phone, slot, field)
            case "takes back":
                self._enter(phone, slot, field, takes_back=True)
            case "describes":
                self._describe(phone, slot, RUN_FIELDS[field % 2])
            case "walks":
                self._count_steps(phone, slot)
        if then is not None:
            self._sync(phone, [then])

    def _plan(self, phone: Phone, slot: int) -> None:
        entity = f"w-{next(self.values)}"
        plan = {"name": f"Plan {entity}", "sport": "run", "date": DATES[slot % 2], "steps": [_STEP]}
        operation = phone.client.do("create_workout", entity=entity, workout=plan)
        self.ledger.typed.append(Typed((entity, "name"), plan["name"], None, operation))

    def _rewrite(self, phone: Phone, slot: int, field: str) -> None:
        if one := _pick(_plans_of(phone), slot):
            entity, (id_, plan) = one
            self._do(phone, "update_workout", (entity, field), plan.get(field), self._words(), entity=id_)

    def _drop(self, phone: Phone, slot: int) -> None:
        if one := _pick(_plans_of(phone), slot):
            entity, (id_, plan) = one
            self._gone(entity, plan, phone.client.do("delete_workout", entity=id_))

    def _enter(self, phone: Phone, slot: int, field: int, *, takes_back: bool = False) -> None:
        date, name = DATES[slot % 2], DAY_FIELDS[field % 3]
        seen = screen.day(phone.store, date).get(name)
        value = None if takes_back else 100 + next(self.values)
        self._do(phone, "enter_daily", (date, name), seen, value, date=date)

    def _describe(self, phone: Phone, slot: int, field: str) -> None:
        known = phone.store.entities("activities")
        if one := _pick({run["activity"]["start"]: id_ for id_, run in known.items()}, slot):
            start, id_ = one
            seen = screen.activity(phone.store, id_).get(field)
            self._do(phone, "describe_activity", (start, field), seen, self._words(), entity=id_)

    def _count_steps(self, phone: Phone, slot: int) -> None:
        self.samples += 1
        start = dt.datetime.fromisoformat(f"{DATES[slot % 2]}T08:00:00+00:00")
        start += dt.timedelta(minutes=self.samples)
        record = {
            "id": f"S{self.samples}",
            "type": "HKQuantityTypeIdentifierStepCount",
            "value": 7,
            "unit": "count",
            "startDate": start.isoformat(),
            "endDate": (start + dt.timedelta(seconds=30)).isoformat(),
        }
        phone.client.send_samples(records=[record])

    @rule(device=devices, cuts=cuts, dies_in=st.none() | st.integers(0, 2))
    def a_device_syncs(self, device: int, cuts: list[Cut], dies_in: int | None) -> None:
        """The app may be killed when it hears an answer. It is opened again."""
        self.phones[device].dies_in = dies_in
        self._sync(self.phones[device], cuts)
        self.phones[device].restart()

    @rule(device=devices, insists=st.booleans())
    def somebody_looks(self, device: int, insists: bool) -> None:
        """The person has it tried again; and of what was refused they choose what the hub shows, or their own
        value again, now that they know the other one."""
        phone = self.phones[device]
        phone.store.try_again()
        refused = phone.store.queued("refused")[:1]
        for one in refused:
            typed = next(entry for entry in self.ledger.typed if entry.operation == one.id)
            date, field = typed.about
            if insists and typed.value is not None and one.body["op"] == "enter_daily":
                self._enter(phone, DATES.index(date), DAY_FIELDS.index(field))
            phone.store.discard(one.id)
            self.ledger.given_up.add(one.id)

    # -- elsewhere ------------------------------------------------------------------------------------

    @rule(drops=st.booleans(), slot=slots, field=st.sampled_from(PLAN_FIELDS))
    def the_coach(self, drops: bool, slot: int, field: str) -> None:
        """The platform changes or deletes a plan, as the hub shows it."""
        span = {"from": DATES[0], "to": DATES[-1]}
        rows = self.athlete.platform.call("GET", f"{self.athlete.path}/workouts", params=span)
        one = _pick({row["external_id"]: row for row in rows}, slot)
        if one is None:
            return
        entity, row = one
        path, plan = f"{self.athlete.path}/workouts/{row['id']}", row["workout"]
        if drops:
            self.athlete.platform.call("DELETE", path)
            self._gone(entity, plan)
        else:
            value = self._words()
            self.athlete.platform.call("PATCH", path, json={field: value})
            self.ledger.typed.append(Typed((entity, field), value, plan.get(field)))

    @rule(
        act=st.sampled_from(("records", "forgets", "has a day")),
        slot=slots,
        metres=st.integers(4_000, 6_000),
        cut=st.none() | st.sampled_from(Cut),
    )
    def the_watch(self, act: str, slot: int, metres: int, cut: Cut | None) -> None:
        """It tells the provider, and the webhook is sent at once or later (None)."""
        date = DATES[slot % 2]
        name = f"Run of {date} of {self.user}"
        if act == "has a day":
            value = metres % 100
            day = DailyHealth(dt.date.fromisoformat(date), "", steps=value, hrv_rmssd_ms=float(value))
            self.fake.record_day(self.user, day)
        elif act == "records":
            start = dt.datetime.fromisoformat(f"{date}T06:00:00+00:00")
            self.fake.record_activity(
                self.user, RecordedActivity(name, Sport.RUN, start, 1800.0, float(metres))
            )
        elif any(event.get("title") == name for event in self.fake.events):
            self.fake.delete_activity(self.user, name)
        else:
            return
        if cut is not None:
            self._push(len(self.fake.outbox) - 1, cut)

    @rule(slot=slots, cut=st.sampled_from(Cut), again=st.booleans())
    def a_webhook_arrives(self, slot: int, cut: Cut, again: bool) -> None:
        """In any order, and perhaps not for the first time."""
        waiting = [n for n in range(self.first_push, len(self.fake.outbox)) if again or n not in self.taken]
        if waiting:
            self._push(waiting[slot % len(waiting)], cut)

    # -- the end --------------------------------------------------------------------------------------

    def teardown(self) -> None:
        try:
            self._heal()
            self._compare()
        finally:
            for phone in self.phones:
                phone.close()
            self.webhooks.close()
            self.line.close()
            self.folder.cleanup()

    def _heal(self) -> None:
        for number in range(self.first_push, len(self.fake.outbox)):
            while number not in self.taken:
                self._push(number, Cut.NONE)
        wait_until(self._is_ingested, "the end of all deliveries")
        for phone in self.phones:
            phone.line.mend()
        found: list[str] = []

        def is_equal() -> bool:
            found[:] = self._differences()
            return not found

        try:
            # Longer than an export whose answer was lost waits before it looks again.
            wait_until(is_equal, "the same everywhere", patience_s=90)
        except AssertionError:
            exports = self.athlete.platform.call("GET", f"{self.athlete.path}/exports")
            told = [(one["workout_id"], one["status"], one["reason"], one["next_try_ms"]) for one in exports]
            raise AssertionError(found, told) from None

    def _is_ingested(self) -> bool:
        rows = self.athlete.platform.call("GET", f"{self.athlete.path}/deliveries")
        return {one["state"] for one in rows} <= {"done", "dropped"}

    def _differences(self) -> list[str]:
        """Between the devices, and with what the hub's own paths and the watch show."""
        for phone in self.phones:
            phone.sync_to_the_end()
        one, other = (phone.held() for phone in self.phones)
        pairs = {f"a and b: {name}": (one[name], other[name]) for name in one}
        span = {"from": DATES[0], "to": DATES[-1]}
        for name, key in (("workouts", "id"), ("activities", "id"), ("daily", "date")):
            rows = self.athlete.platform.call("GET", f"{self.athlete.path}/{name}", params=span)
            here = {entity[key]: entity for entity in one[name].values()}
            # The feed leaves out of a workout what changes beside it.
            there = {row[key]: _without(row, "exports", "conflicts") for row in rows}
            pairs[f"a and the hub: {name}"] = (here, there)
        plans = sorted(plan["workout"]["name"] for plan in one["workouts"].values())
        watch = sorted(plan.title for plan in self.fake.device(self.user).workouts)
        pairs["a and the watch"] = (plans, watch)
        return [f"{name}: {left}, {right}" for name, (left, right) in pairs.items() if left != right]

    def _compare(self) -> None:
        shown: dict[About, Any] = {}
        held = self.phones[0].held()
        for one in held["workouts"].values():
            for field in PLAN_FIELDS:
                shown[one["external_id"], field] = one["workout"].get(field)
        for one in held["daily"].values():
            for field in DAY_FIELDS:
                shown[one["date"], field] = one.get(field)
        starts = set()
        for one in held["activities"].values():
            starts.add(one["activity"]["start"])
            for field in RUN_FIELDS:
                shown[one["activity"]["start"], field] = one["activity"].get(field)
        # What is said of an activity that the watch has deleted goes with it.
        self.ledger.typed = [
            one for one in self.ledger.typed if "T" not in one.about[0] or one.about[0] in starts
        ]
        refused = [one for phone in self.phones for one in phone.store.queued()]
        faults = list(self.ledger.find_faults(shown, {one.id for one in refused}))
        faults += [
            f"{one.state}: {one.body} {one.answer}" for one in refused if not _is_overtaken(one.answer)
        ]
        text = self.athlete.platform.http.get(f"{self.athlete.path}/export").text
        rows = [json.loads(line) for line in text.splitlines()]
        told = [one["row"]["external_id"] for one in rows if one.get("table") == "observation"]
        samples = sorted(name for name in told if name.startswith("S"))
        if samples != sorted(f"S{number + 1}" for number in range(self.samples)):
            faults.append(f"{self.samples} samples were sent, there are {samples}")
        assert not faults, faults

    # -- below ----------------------------------------------------------------------------------------

    def _do(self, phone: Phone, op: str, about: About, seen: Any, value: Any, **where: str) -> None:
        operation = phone.client.do(op, fields={about[1]: value}, **where)
        self.ledger.typed.append(Typed(about, value, seen, operation))

    def _gone(self, entity: str, plan: dict[str, Any], operation: str = "") -> None:
        for field in PLAN_FIELDS:
            self.ledger.typed.append(Typed((entity, field), None, plan.get(field), operation))

    def _sync(self, phone: Phone, cuts: list[Cut]) -> None:
        phone.now += 40
        phone.line.cuts.extend(cuts)
        phone.sync()
        phone.line.cuts.clear()

    def _push(self, number: int, cut: Cut) -> None:
        self.line.cuts.append(cut)
        if send_webhook(self.webhooks, self.fake.outbox[number]):
            self.taken.add(number)

    def _words(self) -> str:
        return f"Words {next(self.values)}"


def _plans_of(phone: Phone) -> dict[str, tuple[str, dict[str, Any]]]:
    """What the device shows, by the name that it was made under."""
    names = {id_: one["external_id"] for id_, one in phone.store.entities("workouts").items()}
    return {names.get(id_, id_): (id_, plan) for id_, plan in screen.workouts(phone.store).items()}


def _pick[T](there: dict[str, T], slot: int) -> tuple[str, T] | None:
    return sorted(there.items())[slot % len(there)] if there else None


def _without(entity: dict[str, Any], *fields: str) -> dict[str, Any]:
    return {name: value for name, value in entity.items() if name not in fields}


def _is_overtaken(answer: str) -> bool:
    return '"conflict"' in answer or any(words in answer for words in _OVERTAKEN)
