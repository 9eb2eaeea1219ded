"""Courses in GPX files: what is one, and what is refused by its place."""

from __future__ import annotations

import pytest

from hub_core.errors import InvalidInputError
from hub_core.formats.gpx_course import MAX_COURSE_BYTES, MAX_POINTS, read_gpx_course

NS = 'xmlns="http://www.topografix.com/GPX/1/1" version="1.1" creator="test"'


def points(count: int = 200, tag: str = "trkpt") -> str:
    """So many points northwards, 111 m apart, on a steady climb of one metre each."""
    return "".join(
        f'<{tag} lat="{52 + index / 1000}" lon="13.4"><ele>{100 + index}</ele><name>Kilometre</name></{tag}>'
        for index in range(count)
    )


def gpx(inside: str, head: str = "") -> bytes:
    return f'<?xml version="1.0"?>{head}<gpx {NS}><metadata/>{inside}</gpx>'.encode()


def test_a_track_is_read() -> None:
    course = read_gpx_course(gpx(f"<trk><name>M</name><trkseg>{points()}</trkseg></trk>"))
    assert course.distance_m == pytest.approx(199 * 111.195, abs=1)
    assert course.gain_m == pytest.approx(199, abs=1)
    assert course.loss_m == 0
    assert (course.start.latitude, course.finish.latitude) == (52.0, 52.199)


def test_segments_of_a_track_are_one_course() -> None:
    whole = points()
    half = whole.index("<trkpt", len(whole) // 2)
    course = read_gpx_course(
        gpx(f"<trk><trkseg>{whole[:half]}</trkseg><trkseg>{whole[half:]}</trkseg></trk>")
    )
    assert course == read_gpx_course(gpx(f"<trk><trkseg>{whole}</trkseg></trk>"))


def test_a_route_is_read_where_there_is_no_track() -> None:
    track, route = f"<trk><trkseg>{points()}</trkseg></trk>", f"<rte>{points(50, 'rtept')}</rte>"
    assert read_gpx_course(gpx(route)).distance_m == pytest.approx(49 * 111.195, abs=1)
    assert read_gpx_course(gpx(route + track)) == read_gpx_course(gpx(track))


def test_waypoints_and_extensions_are_passed_over() -> None:
    waypoint = '<wpt lat="0" lon="0"><name>Toilets</name></wpt>'
    odd = points(20).replace("</trkpt>", "<extensions><x:hr xmlns:x='u:x'>150</x:hr></extensions></trkpt>")
    assert read_gpx_course(gpx(f"{waypoint}<trk><trkseg>{odd}</trkseg></trk>")).gain_m == pytest.approx(
        19, abs=1
    )


def test_older_files_and_heights_that_are_none() -> None:
    old = gpx(f"<trk><trkseg>{points(20)}</trkseg></trk>").replace(b"GPX/1/1", b"GPX/1/0")
    assert read_gpx_course(old).gain_m == pytest.approx(19, abs=1)
    unknown = (
        points(20).replace("<ele>110</ele>", "<ele>-32768</ele>").replace("<ele>111</ele>", "<ele>nan</ele>")
    )
    assert read_gpx_course(gpx(f"<trk><trkseg>{unknown}</trkseg></trk>")).lowest_m == 100


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
TRACK = f"<trk><trkseg>{points(30)}</trkseg></trk>"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b" " * (MAX_COURSE_BYTES + 1), "larger than 20 MB"),
        (b"not xml", "broken"),
        (gpx(TRACK)[:-40], "broken"),
        (gpx(TRACK, head=BOMB), "declarations and entities"),
        (gpx(""), "no track and no route"),
        (b"<workout_file/>", "no track and no route"),
        (gpx(TRACK * 3), "there are 3 tracks"),
        (gpx(f"<trk><trkseg>{points(1)}</trkseg></trk>"), "more than one point"),
        (gpx(f"<trk><trkseg>{points(1) * 2}</trkseg></trk>"), "0 m long"),
        (gpx(TRACK.replace('lat="52.005"', 'lat="152"')), "trkpt[5]: is not on earth"),
        (gpx(TRACK.replace('lon="13.4"', 'lon="NaN"', 1)), "trkpt[0]: is not on earth"),
        (gpx(TRACK.replace('lon="13.4"', "", 1)), "trkpt[0]: is not on earth"),
        (gpx("<a>" * 40 + "</a>" * 40), "nests deeper"),
    ],
)
def test_what_is_no_course_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read_gpx_course(data)
    assert words in str(refused.value)


def test_there_is_an_end_to_points(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub_core.formats.gpx_course.MAX_POINTS", 29)
    with pytest.raises(InvalidInputError, match="more than 29 points"):
        read_gpx_course(gpx(TRACK))
    assert MAX_POINTS * 60 < MAX_COURSE_BYTES
