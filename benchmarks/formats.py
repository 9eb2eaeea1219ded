"""How fast workout files are read and written, beside the libraries that a Python user would take otherwise.

uv run --with fit-tool --with xmltodict --with structured-workout-format --with numpy \\
    python benchmarks/formats.py

One ride: a warm-up, five times work and rest, a cool-down. "Write" starts from a plan in JSON and ends in the
bytes of a file, ours with its fidelity report. "Read" ends in a checked workout. No other library does both
halves, so they are joined: structured-workout-format (SWF) has the model, checked by pydantic, and writes
intervals.icu's text; fit-tool and fitdecode have FIT, xmltodict has XML, and NumPy the numbers of a course.
What fits between them (names of elements, steps from points) is written here as briefly as it can be. The
text of intervals.icu is read by no library. The columns are microseconds, the last is theirs through ours.
"""

from __future__ import annotations

import io
import statistics
import time
from collections.abc import Callable
from typing import Any

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
_REPEAT = 5
_ROUNDS, _ROUND_S = 7, 0.15


def percent(low: float, high: float, ramp: Ramp | None = None) -> PercentTarget:
    return PercentTarget(Metric.POWER, low, high, Reference.FTP, ramp)


WORKOUT = PlannedWorkout(
    "5 x 3 min",
    Sport.RIDE,
    (
        Step(TimeDuration(600), percent(45, 75, "up"), intensity=Intensity.WARMUP),
        Repeat(
            _REPEAT,
            (
                Step(TimeDuration(180), percent(115, 115), intensity=Intensity.INTERVAL),
                Step(TimeDuration(180), percent(50, 50), intensity=Intensity.RECOVERY),
            ),
        ),
        Step(TimeDuration(600), percent(40, 60, "down"), intensity=Intensity.COOLDOWN),
    ),
)
FILES = {name: write_workout_file(WORKOUT, ATHLETE, name).data for name in FORMATS}


# -- the others ---------------------------------------------------------------------------------------------


def swf_step(seconds: float, watts: float) -> Any:
    return swf.Step(volume=swf.duration(seconds), intensity=swf.power(watts))


def swf_model(content: list[Any]) -> Any:
    return swf.Workout(sport="cycling", title=WORKOUT.name, content=content)


SWF = swf_model(
    [
        swf_step(600, 150),
        swf.Repeat(count=_REPEAT, content=[swf_step(180, 287), swf_step(180, 125)]),
        swf_step(600, 125),
    ]
)
SWF_JSON = SWF.model_dump_json(indent=2).encode()


def load_swf() -> list[Any]:
    """The steps of the plan in SWF's JSON, a repeat among them."""
    content: list[Any] = swf.Workout.model_validate_json(SWF_JSON).content
    return content


def seconds_and_watts(step: Any) -> tuple[float, float]:
    return step.volume.value, step.intensity.value


def write_swf_text() -> str:
    text: str = swf.to_intervals_icu(swf.Workout.model_validate_json(SWF_JSON))
    return text


def write_with_xmltodict() -> bytes:
    steady = []
    for node in load_swf():
        for step in node.content * node.count if isinstance(node, swf.Repeat) else [node]:
            seconds, watts = seconds_and_watts(step)
            steady.append({"@Duration": seconds, "@Power": watts / 250})
    tree = {"workout_file": {"name": WORKOUT.name, "sportType": "bike", "workout": {"SteadyState": steady}}}
    text: str = xmltodict.unparse(tree, pretty=True)
    return text.encode()


def read_with_xmltodict() -> Any:
    tree = xmltodict.parse(FILES["zwo"])["workout_file"]["workout"]
    sets = tree["IntervalsT"]
    pair = [
        swf_step(float(sets[f"@{name}Duration"]), float(sets[f"@{name}Power"]) * 250)
        for name in ("On", "Off")
    ]
    ends = [
        swf_step(float(tree[tag]["@Duration"]), float(tree[tag]["@PowerLow"]) * 250)
        for tag in ("Warmup", "Cooldown")
    ]
    return swf_model([ends[0], swf.Repeat(count=int(sets["@Repeat"]), content=pair), ends[1]])


def write_with_numpy() -> bytes:
    points, now = [], 0.0
    for node in load_swf():
        for step in node.content * node.count if isinstance(node, swf.Repeat) else [node]:
            seconds, watts = seconds_and_watts(step)
            points += [(now / 60, watts), ((now + seconds) / 60, watts)]
            now += seconds
    out = io.BytesIO()
    numpy.savetxt(
        out, numpy.array(points), fmt="%.4f\t%.0f", header="[COURSE DATA]", footer="[END COURSE DATA]"
    )
    return out.getvalue()


def read_with_numpy(name: str) -> Any:
    body = FILES[name].decode().split("[COURSE DATA]\r\n")[1].split("[END")[0]
    points = numpy.genfromtxt(io.StringIO(body))
    steps = zip(points[::2], points[1::2], strict=True)
    return swf_model([swf_step((end[0] - begin[0]) * 60, begin[1]) for begin, end in steps])


def write_with_fit_tool() -> bytes:
    file_id = FileIdMessage()
    file_id.type = FileType.WORKOUT
    file_id.manufacturer = Manufacturer.DEVELOPMENT.value
    file_id.product = 1
    file_id.time_created = 1_000_000_000_000
    file_id.serial_number = 1
    messages: list[Any] = []
    for node in load_swf():
        first = len(messages)
        for step in node.content if isinstance(node, swf.Repeat) else [node]:
            seconds, watts = seconds_and_watts(step)
            message = WorkoutStepMessage()
            message.duration_type = WorkoutStepDuration.TIME
            message.duration_value = round(seconds * 1000)
            message.target_type = WorkoutStepTarget.POWER
            message.target_value = 0
            message.custom_target_value_low = message.custom_target_value_high = round(watts) + 1000
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
    ("json", "write"): [("SWF", lambda: SWF.model_dump_json(indent=2).encode())],
    ("json", "read"): [("SWF", lambda: swf.Workout.model_validate_json(SWF_JSON))],
    ("fit", "write"): [("SWF + fit-tool", write_with_fit_tool)],
    ("fit", "read"): [
        ("fitdecode alone", read_with_fitdecode),
        ("fit-tool alone", lambda: list(FitFile.from_bytes(FILES["fit"]).records)),
    ],
    ("zwo", "write"): [("SWF + xmltodict", write_with_xmltodict)],
    ("zwo", "read"): [("xmltodict + SWF", read_with_xmltodict)],
    ("erg", "write"): [("SWF + NumPy", write_with_numpy)],
    ("erg", "read"): [("NumPy + SWF", lambda: read_with_numpy("erg"))],
    ("mrc", "write"): [("SWF + NumPy", write_with_numpy)],
    ("mrc", "read"): [("NumPy + SWF", lambda: read_with_numpy("mrc"))],
    ("intervals", "write"): [("SWF", write_swf_text)],
}


# -- the race -----------------------------------------------------------------------------------------------


def our_write(name: str) -> Callable[[], object]:
    if name == "json":
        return lambda: write_workout_json(WORKOUT)
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
