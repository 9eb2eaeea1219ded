"""One step as an element of a Zwift workout."""

from __future__ import annotations

import re

import msgspec

from hub_core.domain.athlete import Athlete
from hub_core.domain.describe import describe_cadence, describe_target
from hub_core.domain.fidelity import Loss
from hub_core.domain.normalize import MissingThresholdError, MissingZoneError
from hub_core.domain.sport import Sport, SportFamily
from hub_core.domain.workout import (
    CadenceRange,
    DistanceDuration,
    Intensity,
    Metric,
    PercentTarget,
    RangeTarget,
    Reference,
    Step,
    Target,
    TimeDuration,
)
from hub_core.formats._messages import Message, read_messages
from hub_core.formats._power import (
    Effort,
    intensity_notes,
    missing_losses,
    text_notes,
    to_percent,
    to_seconds,
)
from hub_core.formats._report import degraded, noted
from hub_core.formats._text import NOT_XML, clean_xml, split_lines
from hub_core.formats._zwo_attributes import PACES, pace_line

#: A fraction of FTP with five decimals is a percentage with three.
_PERCENT_DIGITS = 3
#: The race pace that lies nearest to the pace of one hour.
_NEAREST_PACE = "2"
_MAX_EFFORT = RangeTarget(Metric.RPE, 10, 10)
_PACE_LINE = re.compile(re.escape(pace_line("?")).replace(r"\?", "(.+)"))


class ZwoStep(msgspec.Struct, frozen=True):
    """An element: tag, attributes, messages; and what is lost of the step."""

    tag: str
    attributes: dict[str, str]
    messages: list[Message]
    losses: list[Loss]


def number(value: float) -> str:
    """`0.88`, `600`: as short as it can be, never with an exponent."""
    return f"{value:.5f}".rstrip("0").rstrip(".")


class StepWriter:
    """Writes the steps of one workout."""

    def __init__(self, sport: Sport, athlete: Athlete, *, by_distance: bool) -> None:
        self._sport = sport
        self._athlete = athlete
        self._by_distance = by_distance
        self._is_run = sport.family is SportFamily.RUNNING

    def is_steady(self, step: Step) -> bool:
        """Whether it has a target of the kind that Zwift counts in, that doesn't move, and a time."""
        target = step.target
        if target is None or not self._is_counted(target):
            return False
        try:
            percent, _ = to_percent(target, self._athlete, self._sport)
        except (MissingThresholdError, MissingZoneError):
            return False
        length = DistanceDuration if self._by_distance else TimeDuration
        return (not percent.ramp or percent.low == percent.high) and isinstance(step.duration, length)

    def write(self, step: Step, *, intensity: Intensity | None = None, pace: str = "") -> ZwoStep:
        """The element. `intensity` and `pace` are those of the set that it is a half of."""
        length, losses = self._length(step)
        messages = read_messages(step.notes)
        if self._is_run:
            own, messages = take_pace(messages)
            pace = own or pace
        tag, attributes, target_losses, said, kept = self._effort(step, pace)
        attributes = {"Duration": length} | attributes | self._cadence(step.cadence, losses)
        lines = [] if tag == "MaxEffort" and step.name == "Max effort" else split_lines(step.name)
        words = [Message(line) for line in [*lines, *said]]
        losses += [
            *target_losses,
            *intensity_notes(step, intensity or kept, "Zwift doesn't say what a part is for"),
            *([] if tag == "MaxEffort" and not lines and not step.notes else text_notes(step)),
        ]
        shown = words + messages
        if NOT_XML.search(step.name + step.notes):
            reason = "XML can't hold some of its characters"
            losses.append(degraded("notes", reason, "a mark for each of them", "leave them out"))
            shown = [msgspec.structs.replace(message, text=clean_xml(message.text)) for message in shown]
        return ZwoStep(tag, attributes, shown, losses)

    def _length(self, step: Step) -> tuple[str, list[Loss]]:
        if self._by_distance and isinstance(step.duration, DistanceDuration):
            return number(step.duration.distance_m), []
        seconds, losses = to_seconds(step, self._athlete, self._sport)
        return number(seconds), losses

    def _is_counted(self, target: Target) -> bool:
        """Rides count in percent of FTP, runs in percent of a race pace."""
        if self._is_run:
            is_css = isinstance(target, PercentTarget) and target.of is Reference.CSS
            return target.metric is Metric.PACE and not is_css
        return target.metric is Metric.POWER

    def _effort(self, step: Step, pace: str) -> tuple[str, dict[str, str], list[Loss], list[str], Intensity]:
        """Tag, attributes, losses, what only a message can say, and the intensity that the tag means."""
        target = step.target
        if target is None:
            return "FreeRide", {}, [], [], Intensity.ACTIVE
        if target == _MAX_EFFORT:
            named = [] if step.name == "Max effort" else [noted("name", "Zwift has its own", '"Max effort"')]
            return "MaxEffort", {}, named, [], Intensity.INTERVAL
        if isinstance(target, RangeTarget) and target.metric is Metric.CADENCE:
            return self._cadence_only(target)
        if not self._is_counted(target):
            words = describe_target(target, self._sport)
            fix = f"use a target in percent of {'threshold pace' if self._is_run else 'FTP'}"
            reason = f"Zwift has no target for {target.metric.replace('_', ' ')} here"
            loss = degraded("target", reason, f'a free step and the message "{words}"', fix)
            return "FreeRide", {}, [loss], [words], Intensity.ACTIVE
        try:
            percent, losses = to_percent(target, self._athlete, self._sport)
        except (MissingThresholdError, MissingZoneError) as error:
            words = describe_target(target, self._sport)
            becomes = f'a free step and the message "{words}"'
            lost = missing_losses(target, error, self._sport, becomes)
            return "FreeRide", {}, lost, [words], Intensity.ACTIVE
        attributes = self._pace(pace, losses)
        return self._percent(step, percent, attributes, losses)

    def _cadence_only(
        self, target: RangeTarget
    ) -> tuple[str, dict[str, str], list[Loss], list[str], Intensity]:
        losses: list[Loss] = []
        attributes = self._cadence(CadenceRange(target.low, target.high), losses)
        said = f"{describe_cadence(target)} beside a free step" + (
            ", without the ramp" if target.ramp else ""
        )
        reason = "for Zwift cadence is no target by itself"
        fix = "add a power target and make the cadence secondary"
        losses.insert(0, degraded("target", reason, said, fix))
        return "FreeRide", attributes, losses, [], Intensity.ACTIVE

    def _pace(self, pace: str, losses: list[Loss]) -> dict[str, str]:
        """Which race pace a run's fractions are of. Without it Zwift takes that of one mile."""
        if not self._is_run:
            return {}
        if not pace:
            becomes = f"percent of the {PACES[_NEAREST_PACE]} pace that is set in Zwift"
            reason = "Zwift knows race paces and no threshold pace"
            losses.append(degraded("target", reason, becomes, f"say it in percent of {PACES['2']} pace"))
        return {"pace": pace or _NEAREST_PACE}

    def _percent(
        self, step: Step, percent: PercentTarget, attributes: dict[str, str], losses: list[Loss]
    ) -> tuple[str, dict[str, str], list[Loss], list[str], Intensity]:
        low, high = (round(value, _PERCENT_DIGITS) for value in (percent.low, percent.high))
        if (low, high) != (percent.low, percent.high):
            losses.append(noted("target", "power has three decimals", f"{low:g}–{high:g} %"))
        effort = Effort(high, low) if percent.ramp == "down" else Effort(low, high)
        edges = {"PowerLow": number(effort.start / 100), "PowerHigh": number(effort.end / 100)}
        tags = {Intensity.WARMUP: "Warmup", Intensity.COOLDOWN: "Cooldown"}
        if percent.ramp and low != high:
            tag = tags.get(step.intensity, "Ramp")
            return tag, edges | attributes, losses, [], _meant(tag)
        if low == high:
            if step.intensity in tags:
                return tags[step.intensity], edges | attributes, losses, [], step.intensity
            return "SteadyState", {"Power": edges["PowerLow"]} | attributes, losses, [], Intensity.ACTIVE
        # Zwift's trainer holds one number. With only low and high some programs take the middle and some
        # make it a ramp; with `Power` all of them have the middle, and the range stays readable.
        middle = round((low + high) / 2, _PERCENT_DIGITS)
        reason = "a trainer holds one number, not a range"
        becomes = f"{middle:g} %, the middle of {low:g}–{high:g} %"
        losses.append(degraded("target", reason, becomes, f"plan {middle:g} %"))
        values = {"Power": number(middle / 100)} | edges | attributes
        return "SteadyState", values, losses, [], Intensity.ACTIVE

    def _cadence(self, cadence: CadenceRange | None, losses: list[Loss]) -> dict[str, str]:
        if cadence is None:
            return {}
        low, high = round(cadence.low), round(cadence.high)
        if (low, high) != (cadence.low, cadence.high):
            said = f"{low}–{high} rpm"
            losses.append(degraded("cadence", "cadence is in whole turns", said, f"plan {said}"))
        if low == high:
            return {"Cadence": str(low)}
        return {"CadenceLow": str(low), "CadenceHigh": str(high)}


def _meant(tag: str) -> Intensity:
    return {"Warmup": Intensity.WARMUP, "Cooldown": Intensity.COOLDOWN}.get(tag, Intensity.ACTIVE)


def take_pace(messages: list[Message]) -> tuple[str, list[Message]]:
    """The race pace that a step's first line says its percentages are of, and the other lines."""
    if messages and (match := _PACE_LINE.fullmatch(messages[0].text)):
        index = next((index for index, said in PACES.items() if said == match[1]), "")
        if index:
            return index, messages[1:]
    return "", messages
