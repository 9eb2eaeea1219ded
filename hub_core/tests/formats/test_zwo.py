"""Zwift workout files: what they mean, and what is refused."""

from __future__ import annotations

import contextlib

import pytest

from hub_core.domain.sport import Sport
from hub_core.domain.workout import (
    CadenceRange,
    DistanceDuration,
    Intensity,
    Metric,
    Node,
    PercentTarget,
    PlannedWorkout,
    RangeTarget,
    Reference,
    Repeat,
    Step,
    TimeDuration,
)
from hub_core.errors import InvalidInputError
from hub_core.formats import read_zwo

WHOLE = """<?xml version="1.0" encoding="{encoding}"?>
<workout_file>
  <author>Z. Coach</author>
  <name> Über  Unders </name>
  <description><![CDATA[Hard & short.]]></description>
  <sportType>bike</sportType>
  <tags><tag name="INTERVALS"/><tag name="FTP"/></tags>
  <category>Misc</category>
  <workout>
    <!-- a comment is nothing that is ridden -->
    <Warmup Duration="600" PowerLow="0.25" PowerHigh="0.75" pace="0">
      <textevent timeoffset="0" message="Welcome"/>
      <textevent timeoffset="90" message="Spin up"/>
    </Warmup>
    <IntervalsT Repeat="5" OnDuration="60" OffDuration="90" OnPower="1.12" OffPower="0.5"
                Cadence="95" CadenceResting="85" OverUnder="1">
      <textevent timeoffset="30" message="Hold it"/>
    </IntervalsT>
    <SteadyState Duration="300" Power="0.88" CadenceLow="85" CadenceHigh="95"/>
    <FreeRide Duration="240" FlatRoad="0"/>
    <MaxEffort Duration="15"/>
    <Ramp Duration="120" PowerLow="1" PowerHigh="0.8"/>
    <Cooldown Duration="300" PowerLow="0.75" PowerHigh="0.25"/>
  </workout>
</workout_file>
"""


def ftp(low: float, high: float, ramp: str | None = None) -> PercentTarget:
    return PercentTarget(Metric.POWER, low, high, Reference.FTP, ramp)  # type: ignore[arg-type]


def read(steps: str, head: str = "") -> PlannedWorkout:
    return read_zwo(f"<workout_file>{head}<workout>{steps}</workout></workout_file>".encode(), "file")


def step(element: str, head: str = "") -> Node:
    (node,) = read(element, head).steps
    return node


def refusal(data: bytes | str) -> InvalidInputError:
    with pytest.raises(InvalidInputError) as caught:
        read_zwo(data if isinstance(data, bytes) else data.encode(), "file")
    assert caught.value.detail
    return caught.value


def test_a_whole_workout() -> None:
    assert read_zwo(WHOLE.format(encoding="UTF-8").encode(), "file") == PlannedWorkout(
        name="Über Unders",
        sport=Sport.RIDE,
        description="Hard & short.\n\nAuthor: Z. Coach\n\nTags: INTERVALS, FTP",
        steps=(
            Step(
                TimeDuration(600),
                ftp(25, 75, "up"),
                intensity=Intensity.WARMUP,
                notes="Welcome\nAt 1:30 min: Spin up",
            ),
            Repeat(
                5,
                (
                    Step(
                        TimeDuration(60),
                        ftp(112, 112),
                        CadenceRange(95, 95),
                        Intensity.INTERVAL,
                        notes="At 30 s of the set: Hold it",
                    ),
                    Step(TimeDuration(90), ftp(50, 50), CadenceRange(85, 85), Intensity.RECOVERY),
                ),
            ),
            Step(TimeDuration(300), ftp(88, 88), CadenceRange(85, 95)),
            Step(TimeDuration(240)),
            Step(
                TimeDuration(15),
                RangeTarget(Metric.RPE, 10, 10),
                intensity=Intensity.INTERVAL,
                name="Max effort",
            ),
            Step(TimeDuration(120), ftp(80, 100, "down")),
            Step(TimeDuration(300), ftp(25, 75, "down"), intensity=Intensity.COOLDOWN),
        ),
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "iso-8859-1"])
def test_encodings(encoding: str) -> None:
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    declared = {"utf-8-sig": "utf-8", "utf-16-le": "utf-16", "utf-16-be": "utf-16"}.get(encoding, encoding)
    data = mark + WHOLE.format(encoding=declared).encode(encoding)
    assert read_zwo(data, "file") == read_zwo(WHOLE.format(encoding="UTF-8").encode(), "file")


def test_run_workouts_count_from_threshold_pace() -> None:
    head = "<sportType>run</sportType>"
    node = step('<SteadyState Duration="300" Power="0.9" pace="2"/>', head)
    assert read('<FreeRide Duration="60"/>', head).sport is Sport.RUN
    assert isinstance(node, Step)
    assert node.target == PercentTarget(Metric.PACE, 90, 90, Reference.THRESHOLD_PACE)
    assert node.notes == "Zwift counts percent of 10 km pace here."


def test_workouts_by_distance() -> None:
    head = "<sportType>run</sportType><durationType>distance</durationType>"
    node = step(
        '<SteadyState Duration="400" Power="1"><textevent distoffset="200" message="Half"/></SteadyState>',
        head,
    )
    assert node == Step(
        DistanceDuration(400),
        PercentTarget(Metric.PACE, 100, 100, Reference.THRESHOLD_PACE),
        notes="At 200 m: Half",
    )


def test_spellings_that_occur() -> None:
    assert read('<freeride duration="60"/>').name == "file"
    assert step('<SteadyState Duration="60" PowerLow="0.9" PowerHigh="0.8"/>') == Step(
        TimeDuration(60), ftp(80, 90)
    )
    assert step('<Warmup Duration="60" Power="0.5"/>') == Step(
        TimeDuration(60), ftp(50, 50), intensity=Intensity.WARMUP
    )
    node = step(
        '<IntervalsT Repeat="3" OnDuration="40" OffDuration="20" PowerOnLow="1.2" PowerOnHigh="1.3"'
        ' PowerOffLow="0.4" PowerOffHigh="0.5"/>'
    )
    assert isinstance(node, Repeat)
    assert [child.target for child in node.steps if isinstance(child, Step)] == [ftp(120, 130), ftp(40, 50)]


@pytest.mark.parametrize(
    ("steps", "path", "words"),
    [
        ('<FreeRide Duration="9"/><Sprint Duration="60"/>', "steps[1]", "<Sprint>"),
        ('<FreeRide Duration="60"><jump/></FreeRide>', "steps[0]", "<jump>"),
        ('<FreeRide Duration="60" HeartRate="140"/>', "steps[0]", "HeartRate"),
        ('<SteadyState Power="0.9"/>', "steps[0]", "duration is missing"),
        ('<SteadyState Duration="60"/>', "steps[0]", "power is missing"),
        ('<Ramp Duration="60" PowerLow="0.9"/>', "steps[0]", "powerhigh is missing"),
        ('<SteadyState Duration="soon" Power="0.9"/>', "steps[0]", "'soon' is not a number"),
        ('<SteadyState Duration="60" Power="nan"/>', "steps[0]", "not a number"),
        ('<SteadyState Duration="inf" Power="1"/>', "steps[0]", "not a number"),
        ('<SteadyState Duration="0" Power="1"/>', "steps[0].duration.duration_s", "above 0"),
        ('<SteadyState Duration="60" Power="250"/>', "steps[0].target.low", "check the unit"),
        ('<SteadyState Duration="60" Power="-1"/>', "steps[0].target.low", "negative"),
        ('<SteadyState Duration="60" Power="1" CadenceLow="80"/>', "steps[0]", "belong together"),
        (
            '<IntervalsT Repeat="2.5" OnDuration="1" OffDuration="1" OnPower="1" OffPower="1"/>',
            "steps[0]",
            "2.5 is not a whole number",
        ),
        (
            '<IntervalsT Repeat="1e300" OnDuration="1" OffDuration="1" OnPower="1" OffPower="1"/>',
            "steps[0].times",
            "500",
        ),
        ("", "steps", "at least one step"),
    ],
)
def test_what_cannot_be_read_is_named(steps: str, path: str, words: str) -> None:
    error = refusal(f"<workout_file><workout>{steps}</workout></workout_file>")
    assert error.path == path
    assert words in error.detail


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ("<sportType>swim</sportType>", "'swim'; known are bike, run"),
        ("<durationType>laps</durationType>", "'laps'"),
        ("<ftpOverride>300</ftpOverride>", "<ftpOverride>"),
        ("<workout/>", "twice"),
    ],
)
def test_heads_that_would_change_the_meaning(head: str, words: str) -> None:
    assert words in str(
        refusal(f'<workout_file>{head}<workout><FreeRide Duration="9"/></workout></workout_file>')
    )


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"\n", "empty"),
        (b"not xml", "not well-formed XML"),
        (b"\x00\x01\x02", "not well-formed XML"),
        (b"<gpx/>", "<gpx>"),
        (b"<workout_file/>", "at least one step"),
        (b'<?xml version="1.0" encoding="klingon"?><workout_file/>', "encoding"),
        (b'<?xml version="1.0" encoding="utf-7"?><workout_file/>', "encoding"),
        (b"<workout_file>" + b" " * 1_000_000 + b"</workout_file>", "larger than 1000 kB"),
        (b"<a>" * 300_000, "nested deeper"),
        (b"<a>" + b"<b/>" * 200_000 + b"</a>", "more than 10000 elements"),
        (b"<a " + b" ".join(b'a%d=""' % n for n in range(60)) + b"/>", "50 attributes in one"),
        (b"<workout_file><name>" + b"x" * 300 + b"</name></workout_file>", "longer than 200"),
    ],
)
def test_what_is_no_zwift_workout(data: bytes, words: str) -> None:
    assert words in str(refusal(data))


def test_entities_are_refused() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]><workout_file><name>&l9;</name></workout_file>'
    reading = (
        '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><workout_file><name>&f;</name></workout_file>'
    )
    remote = '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><workout_file/>'
    for data in (bomb, reading, remote):
        assert "entities are not allowed" in str(refusal(data))


def test_every_truncation_is_refused() -> None:
    whole = WHOLE.format(encoding="UTF-8").encode().strip()
    for length in range(len(whole)):
        refusal(whole[:length])


def test_every_changed_byte_is_read_or_refused() -> None:
    whole = WHOLE.format(encoding="UTF-8").encode()
    for place in range(0, len(whole), 3):
        for byte in b'\x00\xff<&"9':
            with contextlib.suppress(InvalidInputError):
                read_zwo(whole[:place] + bytes([byte]) + whole[place + 1 :], "file")
