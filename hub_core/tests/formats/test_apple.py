"""Apple Health's export and Health Auto Export's JSON: their odd ways, and attacks in their clothes."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hub_core.domain.records import Activity, Sample, SampleMetric, Stage
from hub_core.domain.sport import Sport
from hub_core.errors import InvalidInputError
from hub_core.formats.apple import open_apple_export, read_auto_export, to_apple_sport, to_apple_stage

#: As iOS 16 wrote it: the document type lacks an end, and a control character stands in a name.
BROKEN_DTD = """<!DOCTYPE HealthData [
<!ELEMENT HealthData (ExportDate,Me,Record*)
<!ATTLIST HealthData locale CDATA #REQUIRED>
]>
"""
XML = """<?xml version="1.0" encoding="UTF-8"?>
{dtd}<HealthData locale="en_CH">
 <ExportDate value="2031-04-08 07:00:00 +0200"/>
 <Record type="HKQuantityTypeIdentifierStepCount" sourceName="X\u2019s\u00a0Watch" unit="count"
  device="&lt;&lt;HKDevice: 0x1&gt;, name:Apple Watch&gt;" startDate="2031-04-07 08:00:00 +0200"
  endDate="2031-04-07 08:05:00 +0200" value="412"/>
 <Record type="HKQuantityTypeIdentifierBodyMass" sourceName="Scale\x0b" unit="lb"
  startDate="2031-04-07 07:00:00 +0200" endDate="2031-04-07 07:00:00 +0200" value="150">
  <MetadataEntry key="HKWasUserEntered" value="1"/></Record>
 <Record type="HKQuantityTypeIdentifierOxygenSaturation" sourceName="Watch" unit="%"
  startDate="2031-04-07 03:00:00 +0200" endDate="2031-04-07 03:00:00 +0200" value="0.97"/>
 <Record type="HKCategoryTypeIdentifierSleepAnalysis" sourceName="Watch"
  startDate="2031-04-07 01:00:00 +0200" endDate="2031-04-07 01:40:00 +0200"
  value="HKCategoryValueSleepAnalysisAsleepDeep"/>
 <Record type="HKQuantityTypeIdentifierNovelty" sourceName="Watch" unit="x"
  startDate="2031-04-07 01:00:00 +0200" endDate="2031-04-07 01:00:00 +0200" value="1"/>
 <Correlation type="HKCorrelationTypeIdentifierFood" startDate="2031-04-07 12:00:00 +0200"
  endDate="2031-04-07 12:00:00 +0200">
  <Record type="HKQuantityTypeIdentifierStepCount" unit="count" startDate="2031-04-07 12:00:00 +0200"
   endDate="2031-04-07 12:00:00 +0200" value="3"/>
 </Correlation>
 <Workout workoutActivityType="HKWorkoutActivityTypeRunning" duration="48.5" durationUnit="min"
  totalDistance="2.0" totalDistanceUnit="km" sourceName="Watch"
  startDate="2031-04-07 06:30:00 +0200" endDate="2031-04-07 07:21:40 +0200">
  <MetadataEntry key="HKTimeZone" value="Europe/Zurich"/><MetadataEntry key="HKIndoorWorkout" value="0"/>
  <MetadataEntry key="HKElevationAscended" value="7420 cm"/>
  <WorkoutStatistics type="HKQuantityTypeIdentifierDistanceWalkingRunning" sum="9.8206" unit="km"
   startDate="2031-04-07 06:30:00 +0200" endDate="2031-04-07 07:21:40 +0200"/>
  <WorkoutStatistics type="HKQuantityTypeIdentifierHeartRate" average="149.2" maximum="171" unit="count/min"
   startDate="2031-04-07 06:30:00 +0200" endDate="2031-04-07 07:21:40 +0200"/>
  <WorkoutStatistics type="HKQuantityTypeIdentifierActiveEnergyBurned" sum="2610" unit="kJ"
   startDate="2031-04-07 06:30:00 +0200" endDate="2031-04-07 07:21:40 +0200"/>
  <WorkoutRoute sourceName="Watch"><FileReference path="/workout-routes/route.gpx"/></WorkoutRoute>
 </Workout>
</HealthData>"""
ROUTE = """<gpx xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>
<trkpt lat="47.0" lon="8.5"><ele>400</ele><time>2031-04-07T04:30:00Z</time></trkpt>
<trkpt lat="47.1" lon="8.5"><ele>401</ele><time>2031-04-07T04:31:00Z</time></trkpt></trkseg></trk></gpx>"""


def export(folder: Path, xml: str = XML, dtd: str = "", **more: bytes) -> Path:
    path = folder / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "apple_health_export/exportación.xml", xml.format(dtd=dtd) if "{dtd}" in xml else xml
        )
        archive.writestr("apple_health_export/export_cda.xml", "<ClinicalDocument/>")
        archive.writestr("apple_health_export/workout-routes/route.gpx", ROUTE)
        for name, data in more.items():
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize("dtd", ["", BROKEN_DTD])
def test_an_export_with_its_odd_ways(tmp_path: Path, dtd: str) -> None:
    opened = open_apple_export(export(tmp_path, dtd=dtd))
    records = list(opened)
    samples = {one.metric: one for one in records if isinstance(one, Sample)}
    (activity,) = [one for one in records if isinstance(one, Activity)]
    assert samples[SampleMetric.STEPS].value == 412
    assert samples[SampleMetric.STEPS].device == "X's Watch"
    assert samples[SampleMetric.WEIGHT].value == pytest.approx(68.04, abs=0.01)
    assert samples[SampleMetric.WEIGHT].is_manual
    assert samples[SampleMetric.SPO2].value == pytest.approx(97)
    assert samples[SampleMetric.SLEEP].stage is Stage.DEEP
    assert (activity.sport, activity.time_zone) == (Sport.RUN, "Europe/Zurich")
    assert activity.duration_s == 3100
    assert activity.moving_s == pytest.approx(2910)
    assert activity.distance_m == pytest.approx(9820.6)
    assert activity.energy_kcal == pytest.approx(623.8, abs=0.1)
    assert activity.elevation_gain_m == pytest.approx(74.2)
    assert activity.series is not None
    assert len(activity.series) == 2
    assert opened.remarks == ("1 x Novelty left out",)
    assert opened.progress == 1.0


def test_ids_are_the_same_in_each_export_and_differ_by_what_is_said(tmp_path: Path) -> None:
    again = XML.replace("0x1&gt;", "0x7fe&gt;").replace('value="412"', 'value="413"')
    first, second = (
        [one.external_id for one in open_apple_export(export(tmp_path, xml))] for xml in (XML, again)
    )
    assert len(set(first)) == len(first)
    assert [a == b for a, b in zip(first, second, strict=True)] == [False, True, True, True, True]


@pytest.mark.parametrize("start", ["2031-04-07 06:00:00 +0000", "2031-04-07 11:30:00 +0530"])
def test_ids_do_not_change_with_the_offset_of_the_export(tmp_path: Path, start: str) -> None:
    """An export writes all times with one offset, that of the place and day where it was made."""
    moved = XML.replace("2031-04-07 08:00:00 +0200", start)
    first, second = (next(iter(open_apple_export(export(tmp_path, xml)))) for xml in (XML, moved))
    assert first.external_id == second.external_id
    assert isinstance(first, Sample)
    assert isinstance(second, Sample)
    assert first.start == second.start
    assert first.start.isoformat(" ")[:19] != second.start.isoformat(" ")[:19]


@pytest.mark.parametrize(
    "start",
    ["2031-04-07 08:60:00 +0200", "2031-04-07", "", "2031-04-07 08:00:00", "2031-04-07 10:00:00 +0200"],
)
def test_times_that_cannot_be_are_left_out(tmp_path: Path, start: str) -> None:
    opened = open_apple_export(export(tmp_path, XML.replace("2031-04-07 08:00:00 +0200", start)))
    assert SampleMetric.STEPS not in {one.metric for one in opened if isinstance(one, Sample)}
    assert opened.remarks == ("1 x Novelty left out", "1 x StepCount left out")


@pytest.mark.parametrize("year", ["0001", "9999"])
def test_the_first_and_the_last_year(tmp_path: Path, year: str) -> None:
    xml = XML.replace("2031-04-07 08:0", f"{year}-12-31 23:0" if year == "9999" else f"{year}-01-01 00:0")
    offset = "-0500" if year == "9999" else "+0200"
    assert len(list(open_apple_export(export(tmp_path, xml.replace("+0200", offset))))) == 5


def records(count: int, inside: str = "") -> str:
    line = (
        '<Record type="HKQuantityTypeIdentifierStepCount" sourceName="Watch" unit="count" value="{0}"'
        ' startDate="2031-04-07 08:00:00 +0200" endDate="2031-04-07 08:05:00 +0200">{1}</Record>'
    )
    return "".join(line.format(number, inside) for number in range(count))


def test_what_is_typed_in_is_marked_wherever_the_file_is_cut_into_pieces(tmp_path: Path) -> None:
    typed = '<MetadataEntry key="HKWasUserEntered" value="1"/>'
    xml = f"<HealthData>{records(3000, typed)}{records(10)}</HealthData>"
    read = [one for one in open_apple_export(export(tmp_path, xml)) if isinstance(one, Sample)]
    assert [one.is_manual for one in read] == [True] * 3000 + [False] * 10
    assert [one.value for one in read] == [*range(3000), *range(10)]


@pytest.mark.parametrize(
    ("evil", "words"),
    [
        ("<Workout>" + "<a>" * 100, "deeper"),
        ("<Record>" + "<a>" * 100, "deeper"),
        ("<Record " + " ".join(f'a{n}="1"' for n in range(70)) + "/>", "attributes"),
        ("<Record></Workout>", "mismatched"),
        ("&nothing;", "undefined entity"),
        ("<!DOCTYPE x [<!ENTITY a 'aaaa'>]>", "broken"),
    ],
)
def test_all_before_the_trouble_is_given(tmp_path: Path, evil: str, words: str) -> None:
    found: list[object] = []
    opened = open_apple_export(export(tmp_path, f"<HealthData>{records(3)}{evil}</HealthData>"))
    with pytest.raises(InvalidInputError, match=words):
        found.extend(opened)
    assert len(found) == 3


def test_kinds_of_their_own_making_are_counted_together(tmp_path: Path) -> None:
    xml = "".join(f'<Record type="Kind{number}"/>' for number in range(300))
    opened = open_apple_export(export(tmp_path, f"<HealthData>{xml}{xml}</HealthData>"))
    assert list(opened) == []
    assert len(opened.remarks) == 101
    assert "400 x records of other types left out" in opened.remarks


def test_memory_is_bounded_by_the_largest_record_not_by_the_file(tmp_path: Path) -> None:
    line = XML[XML.index(" <Record") : XML.index(" <Record", XML.index(" <Record") + 5)]
    lines = [line.replace('"412"', f'"{number * 7919 % 99991}"') for number in range(30_000)]
    xml = '<HealthData locale="x">' + "".join(lines) + "</HealthData>"
    opened = open_apple_export(export(tmp_path, xml))
    count = 0
    for _ in opened:
        count += 1
    assert count == 30_000


def bomb(folder: Path, size: int) -> Path:
    path = folder / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("export.xml", b"<HealthData>" + b" " * size)
    return path


def test_bombs_and_broken_archives_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="unpacks to"):
        open_apple_export(bomb(tmp_path, 50_000_000))
    plain = tmp_path / "plain.zip"
    plain.write_bytes(b"PK nothing")
    with pytest.raises(InvalidInputError, match="no zip"):
        open_apple_export(plain)
    with pytest.raises(InvalidInputError, match="no Apple Health"):
        open_apple_export(export(tmp_path, "<other/>"))
    cut = tmp_path / "cut.zip"
    whole = bytearray(export(tmp_path).read_bytes())
    whole[200:300] = b"\0" * 100
    cut.write_bytes(whole)
    with pytest.raises(InvalidInputError):
        list(open_apple_export(cut))


def test_a_file_that_says_less_than_it_holds(tmp_path: Path) -> None:
    """The declared size is a claim of whoever made the archive."""
    path = bomb(tmp_path, 30_000_000)
    data = path.read_bytes()
    declared = (30_000_012).to_bytes(4, "little")
    path.write_bytes(data.replace(declared, (1000).to_bytes(4, "little")))
    with pytest.raises(InvalidInputError):
        list(open_apple_export(path))


def test_entities_are_gone_with_the_document_type(tmp_path: Path) -> None:
    evil = (
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><HealthData><Record type="&a;"/></HealthData>'
    )
    with pytest.raises(InvalidInputError):
        list(open_apple_export(export(tmp_path, evil)))


DAY = "2031-04-07"


def auto_export(**data: Any) -> bytes:
    return msgspec.json.encode({"data": data})


def metric(name: str, units: str, *points: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "units": units, "data": points}


def test_auto_export_reads_units_and_both_forms_of_sleep() -> None:
    remarks: list[str] = []
    records = read_auto_export(
        auto_export(
            metrics=[
                metric("weight_body_mass", "lb", {"date": f"{DAY} 07:00:00 +0200", "qty": 150}),
                metric("heart_rate_variability", "ms", {"date": f"{DAY} 05:02:00 +0200", "qty": 61.4}),
                metric("heart_rate", "count/min", {"date": f"{DAY} 05:00:00 +0200", "Avg": 48}),
                metric("active_energy", "furlong", {"date": f"{DAY} 05:00:00 +0200", "qty": 1}),
                metric(
                    "sleep_analysis",
                    "hr",
                    {
                        "startDate": f"{DAY} 00:10:00 +0200",
                        "endDate": f"{DAY} 00:52:00 +0200",
                        "value": "REM",
                    },
                    {
                        "totalSleep": 7.5,
                        "rem": 1.5,
                        "sleepStart": "2031-04-06 23:00:00 +0200",
                        "sleepEnd": f"{DAY} 07:00:00 +0200",
                    },
                ),
            ],
            workouts=[
                {
                    "id": "a1",
                    "name": "Indoor Cycling",
                    "start": "2031-04-07 18:00:00 +0200",
                    "end": "2031-04-07 19:00:00 +0200",
                    "duration": 3500,
                    "isIndoor": True,
                    "distance": {"qty": 18, "units": "mi"},
                    "avgHeartRate": {"qty": 140, "units": "bpm"},
                }
            ],
        ),
        remarks,
    )
    assert [one.metric for one in records.samples] == [
        SampleMetric.WEIGHT,
        SampleMetric.HRV_SDNN,
        SampleMetric.SLEEP,
    ]
    (night,) = records.sleep
    assert (night.date, night.asleep_s, night.rem_s) == (dt.date(2031, 4, 7), 27_000, 5_400)
    (ride,) = records.activities
    assert (ride.external_id, ride.sport, ride.avg_heart_rate_bpm) == ("A1", Sport.INDOOR_RIDE, 140)
    assert ride.distance_m == pytest.approx(28_968, abs=1)
    assert remarks == ["1 x heart_rate left out"]
    assert [one.path for one in records.refused] == ["data.metrics[3].data[0]"]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"data": 3}', b'{"data": {"workouts": [{"start": 1}]}}', b"{" * 90_000]
)
def test_other_json_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidInputError):
        read_auto_export(body, [])


@pytest.mark.parametrize(
    ("name", "fields", "sport"),
    [
        ("HKWorkoutActivityTypeRunning", {"indoor": True}, Sport.TREADMILL_RUN),
        ("cycling", {"indoor": False}, Sport.RIDE),
        ("swimming", {"swim_location": "2"}, Sport.OPEN_WATER_SWIM),
        ("traditional_strength_training", {}, Sport.STRENGTH),
        ("underwaterDiving", {}, Sport.OTHER),
    ],
)
def test_sports(name: str, fields: dict[str, Any], sport: Sport) -> None:
    assert to_apple_sport(name, **fields) is sport


def test_stages_in_all_spellings() -> None:
    for names, stage in (
        (("InBed", "in_bed", "inBed", "In Bed"), Stage.IN_BED),
        (("Asleep", "AsleepUnspecified", "sleeping"), Stage.ASLEEP),
        (("HKCategoryValueSleepAnalysisAsleepREM", "rem", "REM"), Stage.REM),
    ):
        assert {to_apple_stage(name) for name in names} == {stage}
    assert to_apple_stage("dozing") is None
