"""What a case works with: the plugin, its running sandbox, and the shortest ways to use both."""

from __future__ import annotations

import dataclasses
import datetime as dt
import inspect
import logging
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import msgspec

from hub_core.domain.athlete import Athlete
from hub_core.domain.records import Records
from hub_core.domain.workout import PlannedWorkout
from hub_core.sandbox.device import DeviceWorkout
from hub_core.sandbox.recorded import RecordedActivity
from hub_core.sandbox.sandbox import DEFAULT_USER, Sandbox
from hub_core.sdk.context import ProviderContext
from hub_core.sdk.errors import ProviderError
from hub_core.sdk.exports import CompiledWorkout, Receipt
from hub_core.sdk.files import with_file
from hub_core.sdk.inbound import Delivery, WebhookRequest, Window, to_json
from hub_core.sdk.manifest import Capabilities, Manifest
from hub_core.sdk.pickups import Pickup, Schedule, pickup_uuid
from hub_core.testing.conformance.case import Broken
from hub_core.testing.conformance.plans import MEALS, RECORDED, plain_plan
from hub_core.testing.harness import ProviderHarness
from hub_core.testing.strategies import KNOWN_ATHLETE


@dataclass(frozen=True)
class Subject:
    """The plugin in question, as any object that has the hooks."""

    plugin: Any

    @property
    def manifest(self) -> Manifest:
        """Its manifest."""
        manifest: Manifest = self.plugin.provider_manifest()
        return manifest

    @property
    def able(self) -> Capabilities:
        """Its capabilities."""
        return self.manifest.capabilities

    def has_hook(self, name: str) -> bool:
        """Whether it answers a hook."""
        return callable(getattr(self.plugin, name, None))

    def sandbox_can(self, method: str) -> bool:
        """Whether its sandbox brings a method that the harness leaves open."""
        kind = type(self.plugin.provider_sandbox()) if self.has_hook("provider_sandbox") else Sandbox
        return getattr(kind, method) is not getattr(Sandbox, method)

    @property
    def tells_activities(self) -> bool:
        """Whether activities come from it, as from most; else what people eat."""
        return "activity" in self.manifest.tells


class Bench:
    """One case's own sandbox, freshly started, and what the plugin logs meanwhile."""

    def __init__(self, plugin: Any) -> None:
        self.subject = Subject(plugin)
        self.manifest = self.subject.manifest
        self.able = self.subject.able
        self._harness: ProviderHarness | None = None
        self._log = _Remembering()

    async def __aenter__(self) -> Self:
        if self.subject.has_hook("provider_sandbox"):
            self._harness = ProviderHarness(self.subject.plugin)
            await self._harness.__aenter__()
        self._log.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._log.stop()
        if self._harness is not None:
            await self._harness.close()

    @property
    def harness(self) -> ProviderHarness:
        """The plugin against its sandbox. Raises `Broken` when it brings none."""
        if self._harness is None:
            raise Broken("there is no provider_sandbox(), so nothing can be tried")
        return self._harness

    @property
    def sandbox(self) -> Sandbox:
        """The provider's stand-in."""
        return self.harness.sandbox

    @property
    def logged(self) -> str:
        """Every log line so far, DEBUG included."""
        return self._log.text()

    # -- calling the plugin ---------------------------------------------------------------------------

    def call(self, hook: str, **arguments: Any) -> Any:
        """Call a hook as the hub does: by name, with the arguments that it takes."""
        function = getattr(self.subject.plugin, hook, None)
        if function is None:
            raise Broken(f"there is no {hook}")
        taken = inspect.signature(function).parameters
        return function(**{name: value for name, value in arguments.items() if name in taken})

    @contextmanager
    def raising(self, *kinds: type[ProviderError], during: str) -> Iterator[None]:
        """What happens inside must raise one of these errors."""
        wanted = " or ".join(kind.__name__ for kind in kinds)
        try:
            yield
        except kinds:
            return
        except Broken:
            raise
        except Exception as error:
            raise Broken(f"{during} raised {_name(error)} instead of {wanted}") from error
        raise Broken(f"{during} raised nothing; {wanted} was due")

    @contextmanager
    def surviving(self, *kinds: type[ProviderError], during: str) -> Iterator[None]:
        """What happens inside may raise one of these errors, and nothing else."""
        try:
            yield
        except kinds:
            return
        except Broken:
            raise
        except Exception as error:
            raise Broken(f"{during} raised {_name(error)}") from error

    async def failing(
        self, call: Awaitable[object], *kinds: type[ProviderError], during: str
    ) -> ProviderError:
        """The error that a call ends in; it must be one of these kinds."""
        wanted = " or ".join(kind.__name__ for kind in kinds)
        try:
            await call
        except kinds as error:
            return error
        except Broken:
            raise
        except Exception as error:
            raise Broken(f"{during} raised {_name(error)} instead of {wanted}") from error
        raise Broken(f"{during} raised nothing; {wanted} was due")

    async def connect(self, user: str = DEFAULT_USER) -> ProviderContext:
        """The context of an athlete who has agreed to everything that was asked for."""
        context = await self.harness.connect(user, everything=True)
        if self.subject.has_hook("subscribe_webhooks"):  # as the hub does from the first moment on
            await self.call("subscribe_webhooks", context=context)
        return context

    def compile(self, workout: PlannedWorkout, athlete: Athlete = KNOWN_ATHLETE) -> CompiledWorkout:
        """`compile_workout`, for an athlete whose every threshold is known."""
        compiled: CompiledWorkout = self.call("compile_workout", workout=workout, athlete=athlete)
        return compiled

    def plan(self, **fields: Any) -> PlannedWorkout:
        """The plainest workout that the plugin declares, dated today; `fields` replace parts of it."""
        # Garmin, Wahoo and others show the past nowhere, and some only the next days.
        return msgspec.structs.replace(plain_plan(self.able, self.sandbox.clock.today()), **fields)

    async def export(
        self,
        context: ProviderContext,
        workout: PlannedWorkout | None = None,
        athlete: Athlete = KNOWN_ATHLETE,
    ) -> Receipt:
        """Compile and send, or have the athlete's phone fetch it."""
        compiled = self.compile(workout or self.plan(), athlete)
        if self.manifest.delivery == "pickup":
            return self.sandbox.pick_up(context.provider_user_id, _lay_out(context, compiled))
        receipt: Receipt = await self.call("export_workout", context=context, compiled=compiled)
        return receipt

    def shown(self, user: str = DEFAULT_USER) -> tuple[DeviceWorkout, ...]:
        """What the athlete's device shows now."""
        return self.sandbox.device(user).workouts

    async def retry(
        self, context: ProviderContext, workout: PlannedWorkout, *, outcome_unknown: bool
    ) -> Receipt:
        """Send again as the hub does after a failed try: with what was checkpointed, and after a look-up."""
        again = self.harness.again(context, outcome_unknown=outcome_unknown)
        compiled = self.compile(workout)
        if outcome_unknown and self.subject.has_hook("find_workout"):
            found: Receipt | None = await self.call("find_workout", context=again, compiled=compiled)
            if found is not None:
                return found
        receipt: Receipt = await self.call("export_workout", context=again, compiled=compiled)
        return receipt

    # -- what comes in --------------------------------------------------------------------------------

    def record(self, user: str = DEFAULT_USER, **fields: Any) -> list[WebhookRequest]:
        """The athlete does something at the provider; the webhooks that this sends out, if it sends any.

        Where nothing but meals is told, they write down what they have eaten on the date of `start`.
        """
        before = len(self.sandbox.outbox)
        if not self.subject.tells_activities:
            date = fields.get("start", self._recently()).date()
            self.sandbox.record_meals(user, msgspec.structs.replace(MEALS, date=date))
            return self.sandbox.outbox[before:]
        activity = RecordedActivity(
            name=fields.get("name", RECORDED.name),
            sport=fields.get("sport", RECORDED.sport),
            start=fields.get("start", self._recently()),
            duration_s=fields.get("duration_s", RECORDED.duration_s),
            distance_m=fields.get("distance_m", RECORDED.distance_m),
        )
        self.sandbox.record_activity(user, activity)
        return self.sandbox.outbox[before:]

    def receive(self, request: WebhookRequest) -> tuple[Delivery, ...]:
        """`receive_webhook`, as the hub calls it."""
        deliveries: tuple[Delivery, ...] = self.call(
            "receive_webhook", request=request, settings=self.harness.settings
        )
        return deliveries

    async def poll(
        self, context: ProviderContext, days: int = 3, around: dt.datetime | None = None
    ) -> tuple[Delivery, ...]:
        """`poll_deliveries` over the days around a moment, which is now if none is named."""
        middle = around or dt.datetime.fromtimestamp(self.sandbox.clock.now(), dt.UTC)
        window = Window(middle - dt.timedelta(days=days), middle + dt.timedelta(days=days))
        asked_ms = round(self.sandbox.clock.now() * 1000)
        found: tuple[Delivery, ...] = await self.call("poll_deliveries", context=context, window=window)
        # As the hub does it, by the provider's clock.
        return tuple(msgspec.structs.replace(one, asked_ms=asked_ms) for one in found)

    def fetch_from_phone(self, context: ProviderContext) -> tuple[Delivery, ...]:
        """The batches that the athlete's phone sends next, as the hub's ingest endpoint hands them on."""
        user = context.provider_user_id
        return tuple(
            Delivery(user, "batch", to_json(batch), str(batch["batchId"]))
            for batch in self.sandbox.phone_sends(user)
        )

    async def ingest(self, context: ProviderContext, delivery: Delivery) -> Records:
        """`ingest_activity`, with the file of the delivery, as the hub fetches it."""
        told = await with_file(context.http, delivery)
        records: Records = await self.call("ingest_activity", context=context, delivery=told)
        return records

    async def deliver(self, context: ProviderContext, **fields: Any) -> tuple[Delivery, ...]:
        """The athlete does something, and it arrives by webhook, else from a phone, else by poll."""
        pushed = self.record(**fields)
        if "receive_webhook" in self.able.operations:
            return tuple(delivery for request in pushed for delivery in self.receive(request))
        if self.subject.sandbox_can("phone_sends"):
            return self.fetch_from_phone(context)
        return await self.poll(context)

    def at(self, **fields: Any) -> dt.datetime:
        """A moment of yesterday in UTC with some fields replaced: `at(hour=23, tzinfo=...)`."""
        return self._recently().replace(**fields)

    def _recently(self) -> dt.datetime:
        now = dt.datetime.fromtimestamp(self.sandbox.clock.now(), dt.UTC)
        return (now - dt.timedelta(days=1)).replace(hour=12, minute=0, second=0, microsecond=0)


def _lay_out(context: ProviderContext, compiled: CompiledWorkout) -> Pickup:
    """A compiled workout as a phone gets it."""
    fields = (compiled.payload, compiled.date, compiled.time, compiled.time_zone)
    # Over the API, so that it is plain JSON data.
    schedule = msgspec.json.decode(msgspec.json.encode(Schedule(*fields)), type=Schedule)
    reference = context.reference
    return Pickup(reference, reference, 1, reference, pickup_uuid(reference), schedule=schedule)


def kept(receipt: Receipt) -> Receipt:
    """A receipt as the hub hands it to later hooks: the ids alone, as text out of its database."""
    return Receipt(msgspec.json.decode(msgspec.json.encode(receipt.external_ids), type=dict[str, str]))


def changed(context: ProviderContext, **fields: Any) -> ProviderContext:
    """A context with some fields replaced."""
    return dataclasses.replace(context, **fields)


def _name(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"


#: All at DEBUG, but for what the hub itself never lets speak: a fifth of the kit's time would go into that.
_LEVELS = {"": logging.DEBUG, "httpx": logging.WARNING, "httpcore": logging.WARNING}


class _Remembering(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._lines: list[str] = []
        self._before: dict[str, int] = {}

    def start(self) -> None:
        self._before = {name: logging.getLogger(name).level for name in _LEVELS}
        _set_levels(_LEVELS)
        logging.getLogger().addHandler(self)

    def stop(self) -> None:
        logging.getLogger().removeHandler(self)
        _set_levels(self._before)

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(f"{record.name} {logging.Formatter().format(record)}")

    def text(self) -> str:
        return "\n".join(self._lines)


def _set_levels(levels: dict[str, int]) -> None:
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
