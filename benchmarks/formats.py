"""How fast workout files are read and written, beside the libraries that a Python user would take otherwise.

uv run --with fit-tool --with xmltodict --with structured-workout-format --with numpy \\
    python benchmarks/formats.py

One ride in percent of FTP: a ramp up, five times work and rest, a ramp down. "Write" starts from a plan in
JSON and ends in the bytes of a file with the same steps, checked before, and with a report of what
survives. "Read" starts from the bytes and ends in a checked workout. No other library does both halves, so
they are joined: structured-workout-format (SWF) has the model, checked by pydantic, resolves percentages,
plays repeats out and writes intervals.icu's text, with a report (`check`); fit-tool and fitdecode have FIT,
xmltodict and the standard library have XML, and NumPy the numbers of a course. What fits between them
(names of elements, steps from points) is written here as briefly as it can be. Where they do less, it is to
their advantage: only SWF's text has a report, no unknown attribute or message is looked for, and FIT is
read as fields, not as a workout. The text of intervals.icu is read by no library. The columns are
microseconds, the last is theirs through ours.
"""

from __future__ import annotations

import io
import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from xml.etree import ElementTree

import defusedxml.ElementTree
import fitdecode

from hub_core.domain.athlete import Athlete
from hub_core.domain.sport import Sport
from hub_core.domain.workout import (
    Intensity,
    Metric,
    PercentTarget,
    PlannedWorkout,
    Ramp,
    Reference,
    Repeat,
    Step,
    TimeDuration,
)
from hub_core.formats import FORMATS, read_workout, read_workout_json, write_workout_file, write_workout_json

try:
    import numpy
    import structured_workout_format as swf
    import xmltodict
    from fit_tool.fit_file import FitFile
    from fit_tool.fit_file_builder import FitFileBuilder
    from fit_tool.profile.messages.file_id_message import FileIdMessage
    from fit_tool.profile.messages.workout_message import WorkoutMessage
    from fit_tool.profile.messages.workout_step_message import (
        WorkoutStepMessage,
    )
    from fit_tool.profile.profile_type import (
        FileType,
        Manufacturer,
        WorkoutStepDuration,
        WorkoutStepTarget,
    )
except ImportError as error:
    raise SystemExit(f"{error}; run it as its first lines say") from error

ATHLETE = Athlete(ftp_w=250)
_TIMES = 5
_ROUNDS, _ROUND_S = 7, 0.15


def percent(low: float, high: float, ramp: Ramp | None = None) -> PercentTarget:
    return PercentTarget(Metric.POWER, low, high, Reference.FTP, ramp)


def build_workout() -> PlannedWorkout:
    return PlannedWorkout(
        "5 x 3 min",
        Sport.RIDE,
        (
            Step(TimeDuration(600), percent(45, 75, "up"), intensity=Intensity.WARMUP),
            Repeat(
                _TIMES,
                (
                    Step(TimeDuration(180), percent(115, 115), intensity=Intensity.INTERVAL),
                    Step(TimeDuration(180), percent(50, 50), intensity=Intensity.RECOVERY),
                ),
            ),
            Step(TimeDuration(600), percent(40, 60, "down"), intensity=Intensity.COOLDOWN),
        ),
    )


WORKOUT = build_workout()
FILES = {name: write_workout_file(WORKOUT, ATHLETE, name).data for name in FORMATS}


# -- the others ---------------------------------------------------------------------------------------------


def ftp(value: float) -> Any:
    return swf.ParameterRef(percent=value, of="ftp")


def steady(seconds: float, value: float) -> Any:
    return swf.Step(volume=swf.duration(seconds), intensity=swf.power(ftp(value)))


def ramp(seconds: float, start: float, end: float) -> Any:
    return swf.Step(volume=swf.duration(seconds), intensity=swf.power.ramp(ftp(start), ftp(end)))


def swf_model(content: list[Any]) -> Any:
    return swf.Workout(sport="cycling", title=WORKOUT.name, content=content)


def build_swf() -> Any:
    return swf_model(
        [
            ramp(600, 45, 75),
            swf.Repeat(count=_TIMES, content=[steady(180, 115), steady(180, 50)]),
            ramp(600, 60, 40),
        ]
    )


SWF_JSON = build_swf().model_dump_json(indent=2).encode()


def load_swf() -> Any:
    return swf.Workout.model_validate_json(SWF_JSON)


def start_and_end(step: Any) -> tuple[Any, Any]:
    value = step.intensity
    return (value.start, value.end) if isinstance(value, swf.RampValue) else (value.value, value.value)


def percents(step: Any) -> tuple[float, float]:
    start, end = start_and_end(step)
    return start.percent, end.percent


def write_swf_text() -> tuple[str, Any]:
    workout = load_swf()
    return swf.to_intervals_icu(workout), swf.check(workout, swf.intervals_icu_strategy)


def zwo_elements() -> list[tuple[str, dict[str, str]]]:
    """The elements of a Zwift file and their attributes."""
    content = load_swf().content
    elements = []
    for index, node in enumerate(content):
        if isinstance(node, swf.Repeat):
            on, off = node.content
            attributes = {
                "Repeat": node.count,
                "OnDuration": on.volume.value,
                "OffDuration": off.volume.value,
                "OnPower": percents(on)[0] / 100,
                "OffPower": percents(off)[0] / 100,
            }
            tag = "IntervalsT"
        else:
            start, end = percents(node)
            tag = "Warmup" if index == 0 else "Cooldown" if index == len(content) - 1 else "Ramp"
            attributes = {"Duration": node.volume.value, "PowerLow": start / 100, "PowerHigh": end / 100}
        elements.append((tag, {name: f"{value:g}" for name, value in attributes.items()}))
    return elements


def write_with_xmltodict() -> bytes:
    steps = {tag: {f"@{name}": value for name, value in values.items()} for tag, values in zwo_elements()}
    tree = {"workout_file": {"name": WORKOUT.name, "sportType": "bike", "workout": steps}}
    text: str = xmltodict.unparse(tree, pretty=True)
    return text.encode()


def write_with_elementtree() -> bytes:
    root = ElementTree.Element("workout_file")
    ElementTree.SubElement(root, "name").text = WORKOUT.name
    ElementTree.SubElement(root, "sportType").text = "bike"
    workout = ElementTree.SubElement(root, "workout")
    for tag, values in zwo_elements():
        ElementTree.SubElement(workout, tag, values)
    ElementTree.indent(root)
    data: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return data


def from_zwo(elements: Iterable[tuple[str, Mapping[str, str]]]) -> Any:
    content = []
    for tag, values in elements:
        if tag == "IntervalsT":
            pair = [
                steady(float(values[f"{half}Duration"]), float(values[f"{half}Power"]) * 100)
                for half in ("On", "Off")
            ]
            content.append(swf.Repeat(count=int(values["Repeat"]), content=pair))
        else:
            low, high = float(values["PowerLow"]) * 100, float(values["PowerHigh"]) * 100
            content.append(ramp(float(values["Duration"]), low, high))
    return swf_model(content)


def read_with_xmltodict() -> Any:
    tree = xmltodict.parse(FILES["zwo"], attr_prefix="")["workout_file"]["workout"]
    return from_zwo(tree.items())


def read_with_defusedxml() -> Any:
    root = defusedxml.ElementTree.fromstring(FILES["zwo"])
    return from_zwo((element.tag, element.attrib) for element in root.iterfind("workout/*"))


def write_with_numpy(name: str) -> bytes:
    """The corners of a course: in watts for ERG, in percent for MRC."""
    workout, in_watts = load_swf(), name == "erg"
    if in_watts:
        workout = swf.render(workout, {"ftp": 250})
    points, now = [], 0.0
    for step in swf.flatten(workout):
        start, end = start_and_end(step) if in_watts else percents(step)
        points += [(now / 60, start), ((now + step.volume.value) / 60, end)]
        now += step.volume.value
    header = f"[COURSE HEADER]\nFILE NAME = {WORKOUT.name}\nMINUTES {'WATTS' if in_watts else 'PERCENT'}\n"
    header += "[END COURSE HEADER]\n[COURSE DATA]"
    out = io.BytesIO()
    lines = {"fmt": "%.2f\t%g", "header": header, "footer": "[END COURSE DATA]", "comments": ""}
    numpy.savetxt(out, numpy.array(points), **lines)
    return out.getvalue()


def read_with_numpy(name: str) -> Any:
    body = FILES[name].decode().split("[COURSE DATA]\r\n")[1].split("[END")[0]
    points = numpy.loadtxt(io.StringIO(body))
    make = watts_step if name == "erg" else percent_step
    pairs = zip(points[::2], points[1::2], strict=True)
    return swf_model([make((end[0] - begin[0]) * 60, begin[1], end[1]) for begin, end in pairs])


def percent_step(seconds: float, start: float, end: float) -> Any:
    return steady(seconds, start) if start == end else ramp(seconds, start, end)


def watts_step(seconds: float, start: float, end: float) -> Any:
    watts = swf.power(start) if start == end else swf.power.ramp(start, end)
    return swf.Step(volume=swf.duration(seconds), intensity=watts)


def write_with_fit_tool() -> bytes:
    file_id = FileIdMessage()
    file_id.type = FileType.WORKOUT
    file_id.manufacturer = Manufacturer.DEVELOPMENT.value
    file_id.product = 1
    file_id.time_created = 1_000_000_000_000
    file_id.serial_number = 1
    messages: list[Any] = []
    for node in load_swf().content:
        first = len(messages)
        for step in node.content if isinstance(node, swf.Repeat) else [node]:
            ends = percents(step)
            message = WorkoutStepMessage()
            message.duration_type = WorkoutStepDuration.TIME
            message.duration_value = round(step.volume.value * 1000)
            message.target_type = WorkoutStepTarget.POWER
            message.target_value = 0
            message.custom_target_value_low = round(min(ends))
            message.custom_target_value_high = round(max(ends))
            messages.append(message)
        if isinstance(node, swf.Repeat):
            message = WorkoutStepMessage()
            message.duration_type = WorkoutStepDuration.REPEAT_UNTIL_STEPS_CMPLT
            message.duration_value = first
            message.target_value = node.count
            messages.append(message)
    for index, message in enumerate(messages):
        message.message_index = index
    workout = WorkoutMessage()
    workout.workout_name = WORKOUT.name
    workout.num_valid_steps = len(messages)
    builder = FitFileBuilder(auto_define=True, min_string_size=50)
    builder.add(file_id)
    builder.add(workout)
    builder.add_all(messages)
    data: bytes = builder.build().to_bytes()
    return data


def read_with_fitdecode() -> list[Any]:
    with fitdecode.FitReader(FILES["fit"]) as reader:
        return [frame.fields for frame in reader if isinstance(frame, fitdecode.FitDataMessage)]


OTHERS: dict[tuple[str, str], list[tuple[str, Callable[[], object]]]] = {
    ("json", "write"): [("SWF", lambda: build_swf().model_dump_json(indent=2).encode())],
    ("json", "read"): [("SWF", load_swf)],
    ("fit", "write"): [("SWF + fit-tool", write_with_fit_tool)],
    ("fit", "read"): [
        ("fitdecode alone", read_with_fitdecode),
        ("fit-tool alone", lambda: list(FitFile.from_bytes(FILES["fit"]).records)),
    ],
    ("zwo", "write"): [
        ("SWF + xmltodict", write_with_xmltodict),
        ("SWF + ElementTree", write_with_elementtree),
    ],
    ("zwo", "read"): [("xmltodict + SWF", read_with_xmltodict), ("defusedxml + SWF", read_with_defusedxml)],
    ("erg", "write"): [("SWF + NumPy", lambda: write_with_numpy("erg"))],
    ("erg", "read"): [("NumPy + SWF", lambda: read_with_numpy("erg"))],
    ("mrc", "write"): [("SWF + NumPy", lambda: write_with_numpy("mrc"))],
    ("mrc", "read"): [("NumPy + SWF", lambda: read_with_numpy("mrc"))],
    ("intervals", "write"): [("SWF", write_swf_text)],
}


# -- the race -----------------------------------------------------------------------------------------------


def our_write(name: str) -> Callable[[], object]:
    if name == "json":
        return lambda: write_workout_json(build_workout())
    return lambda: write_workout_file(read_workout_json(FILES["json"]), ATHLETE, name)


def our_read(name: str) -> Callable[[], object]:
    return lambda: read_workout(FILES[name], f"x{FORMATS[name].suffix}")


def race(calls: list[Callable[[], object]]) -> list[float]:
    """The median of each in microseconds. They take turns, so that a busy moment of the machine hits all."""
    taken: list[list[float]] = [[] for _ in calls]
    for call in calls:
        call()
    for _ in range(_ROUNDS):
        for times, call in zip(taken, calls, strict=True):
            count, began = 0, time.perf_counter()
            while time.perf_counter() - began < _ROUND_S:
                call()
                count += 1
            times.append((time.perf_counter() - began) / count * 1e6)
    return [statistics.median(times) for times in taken]


def main() -> None:
    print(f"{'':17}{'ours':>7}   {'theirs':>7}   ratio")
    for name in FORMATS:
        for what, ours in (("write", our_write(name)), ("read", our_read(name))):
            others = OTHERS.get((name, what), [])
            first, *rest = race([ours, *(call for _, call in others)])
            print(f"{what:6}{name:10}{first:8.0f}" + ("" if others else "   (no library)"))
            for (other, _), theirs in zip(others, rest, strict=True):
                print(f"{'':24}   {theirs:7.0f}   {theirs / first:5.1f}   {other}")


if __name__ == "__main__":
    main()
