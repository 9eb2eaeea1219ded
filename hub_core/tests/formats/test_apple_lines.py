"""Apple's usual records are read without a parser, and say what the parser says, wherever the file is cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from unittest.mock import patch
from xml.etree.ElementTree import Element, tostring

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hub_core.domain.records import Sample
from hub_core.errors import InvalidInputError
from hub_core.formats.apple import _health_xml
from hub_core.formats.apple._health_lines import Line
from hub_core.formats.apple._health_record import RecordReader
from hub_core.formats.apple._health_xml import walk_health_data

#: In the order in which Apple writes them.
USUAL = {
    "type": "HKQuantityTypeIdentifierStepCount",
    "sourceName": "X\u2019s\u00a0Watch",
    "sourceVersion": "10.1",
    "device": "&lt;&lt;HKDevice: 0x1&gt;, name:Apple Watch&gt;",
    "unit": "count",
    "creationDate": "2031-04-07 08:06:00 +0200",
    "startDate": "2031-04-07 08:00:00 +0200",
    "endDate": "2031-04-07 08:05:00 +0200",
    "value": "412",
}
#: What stands in an attribute, well-formed or not, in bytes.
ODD = [
    b"", b"x", b"7", b"-1.5e3", b"nan", b" 12 ", b"1_0", b"\t", b"\n", b"\r\n", b"a>b", b"'", b"]]>", b"&lt;",
    b"&amp;lt;", b"&quot;&apos;", b"&#65;", b"&#x0;", b"&nothing;", b"&", b"<", b"<Record ", b'"', b"\x0b",
    b"\x00", b"\x7f", "ä".encode(), "\u2019".encode(), "\ud55c\uff21".encode(), "\U0001f6b4".encode(),
    b"\xff", b"\xd9\xa1", b"\xc0\x80", b"\xed\xa0\x80", b"\xef\xbf\xbe", b"\xe2\x80", b"\xc2\x85", b"lb",
    b"0.97", b"furlong", b"HKCategoryTypeIdentifierSleepAnalysis", b"HKCategoryValueSleepAnalysisAsleepREM",
    b"HKQuantityTypeIdentifierBodyMass", b"HKQuantityTypeIdentifierOxygenSaturation",
    b"HKQuantityTypeIdentifierHeartRate", b"2031-04-07 09:00:00 +0530", b"2031-04-07 08:60:00 +0200",
    b"2031-04-07 08:00:00 +02:00", b"9999-12-31 23:59:59 -0500",
]  # fmt: skip
TYPED = b'  <MetadataEntry key="HKWasUserEntered" value="1"/>\n'
INSIDE = [
    b"",
    TYPED,
    b'  <MetadataEntry key="a" value="b &lt; \xe2\x80\xaf"/>\n',
    b'  <HeartRateVariabilityMetadataList>\n   <InstantaneousBeatsPerMinute bpm="61" time="7:03:12.34 AM"/>\n'
    b"  </HeartRateVariabilityMetadataList>\n",
    b'  <MetadataEntry key="<" value=""/>\n',
    b'  <MetadataEntry value="1" key="HKWasUserEntered"/>\n',
    b"  text &amp; more\n",
    b'  <A key="HKWasUserEntered" value="1"/>\n',
    b"  <List>\n" + TYPED + b"  </List>\n",
]
BESIDE: list[bytes] = [
    b"\n", b"text\n", b" <!-- a comment\n", b"-->\n", b" <![CDATA[\n", b"]]>\n", b"]]", b">\n", b"&amp;\n",
    b"&nothing;\n", b' <Correlation type="x">\n', b" </Correlation>\n", b" </Record>\n", b" <?pi?>\n",
    b"<?\n", b"<!DOCTYPE x []>\n", b' <Workout workoutActivityType="x">\n  <WorkoutEvent type="p"/>\n',
    b" </Workout>\n", b"</HealthData>\n", b' <Me a="', b'"/>\n', b"\r", b" <A>" * 40,
    b" <Record " + b" ".join(b'a%d="1"' % n for n in range(70)) + b"/>\n",
]  # fmt: skip


def record(attributes: dict[str, bytes], inside: bytes | None = None, blank: bytes = b" ") -> bytes:
    said = b"".join(b' %b="%b"' % (name.encode(), value) for name, value in attributes.items())
    return b"%b<Record%b%b\n" % (blank, said, b"/>" if inside is None else b">\n%b </Record>" % inside)


@st.composite
def records(draw: st.DrawFn) -> bytes:
    attributes = {name: value.encode() for name, value in USUAL.items()}
    for name in draw(st.lists(st.sampled_from([*USUAL, "other"]), max_size=2)):
        attributes[name] = b"".join(draw(st.lists(st.sampled_from(ODD), min_size=1, max_size=2)))
    for name in draw(st.lists(st.sampled_from(list(USUAL)), max_size=2)):
        attributes.pop(name, None)
    if draw(st.integers(0, 9)) == 0:
        attributes = dict(draw(st.permutations(list(attributes.items()))))
    inside = draw(st.none() | st.lists(st.sampled_from(INSIDE), max_size=3).map(b"".join))
    found = record(attributes, inside, draw(st.sampled_from([b" "] * 8 + [b"", b"  ", b"\n "])))
    return draw(
        st.sampled_from([found] * 8 + [found.replace(b'"', b"'"), found.replace(b"\n", b"\r\n"), found[:-1]])
    )


@st.composite
def texts(draw: st.DrawFn) -> bytes:
    plain = record({name: value.encode() for name, value in USUAL.items()})
    parts = draw(st.lists(st.just(plain) | records() | st.sampled_from(BESIDE) | st.just(plain), max_size=12))
    text = b'<HealthData locale="x">\n' + b"".join(parts) + b"</HealthData>\n"
    for place in draw(st.lists(st.integers(0, len(text)), max_size=1)):
        text = text[:place] + draw(st.sampled_from([b"", *ODD])) + text[place + draw(st.integers(0, 30)) :]
    return text


class Counting(RecordReader):
    """Counts what was read without the parser."""

    lines = 0

    def of_lines(self, lines: list[Line]) -> Iterator[Sample]:  # type: ignore[override]
        self.lines += len(lines)
        return super().of_lines(lines)


def read(text: bytes, cuts: list[int]) -> tuple[list[object], dict[str, int], str, int]:
    """What was found, what was left out, the trouble in words, and how many records needed no parser."""
    places = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    reader, trouble = Counting(), ""
    found: list[Sample | Element] = []
    try:
        found.extend(walk_health_data((text[start:end] for start, end in pairwise(places)), reader))
    except InvalidInputError as error:
        trouble = f"{error.path}: {error.detail}"
    told = [tostring(one) if isinstance(one, Element) else one for one in found]
    return told, reader.left_out, trouble, reader.lines


def by_the_parser(text: bytes) -> tuple[list[object], dict[str, int], str, int]:
    with patch.object(_health_xml._Walk, "_is_between_records", lambda _: False):
        return read(text, [])


@given(texts(), st.lists(st.integers(0, 10_000), max_size=6))
@example(b"<HealthData>\n" + record({"type": b"a", "type ": b"b"}), [])
def test_lines_say_what_the_parser_says(text: bytes, cuts: list[int]) -> None:
    *found, lines = read(text, cuts)
    *expected, none = by_the_parser(text)
    assert found == expected
    assert none == 0
    assert lines <= text.count(b" <Record ")


@pytest.mark.parametrize("inside", [None, *INSIDE[:4]])
def test_the_usual_form_needs_no_parser(inside: bytes | None) -> None:
    """Else it would be as slow as before, and nobody would see it."""
    attributes = {name: value.encode() for name, value in USUAL.items()}
    for left_out in ("", "sourceVersion", "device", "unit", "creationDate", "value"):
        attributes.pop(left_out, None)
        text = b"<HealthData>\n <Me/>\n%b</HealthData>\n" % (record(attributes, inside) * 9)
        found, left, trouble, lines = read(text, [100, 1000])
        assert (len(found) + sum(left.values()), trouble) == (9, "")
        assert lines >= 7  # one lies across the end of each piece


@pytest.mark.parametrize(
    "around",
    [
        lambda lines: b"<!--\n%b-->" % lines,
        lambda lines: b"<![CDATA[\n%b]]>" % lines,
        lambda lines: b" <Correlation>\n%b</Correlation>" % lines,
        lambda lines: b'<Me a="\n' + lines.replace(b'"', b"'").replace(b"<", b"") + b'"/>',
    ],
)
def test_what_looks_like_a_record_and_is_none(around: Callable[[bytes], bytes]) -> None:
    lines = record({name: value.encode() for name, value in USUAL.items()}) * 5
    text = b"<HealthData>\n%b\n%b</HealthData>" % (around(lines), lines)
    assert len(read(text, list(range(0, len(text), 100)))[0]) == 5


def test_a_place_in_the_file_is_its_line() -> None:
    lines = record({name: value.encode() for name, value in USUAL.items()}, TYPED) * 50
    trouble = read(b"<HealthData>\n%b <Record type=<\n" % lines, [500])[2]
    assert trouble == "line 152, column 14: the XML is broken: not well-formed (invalid token)"


def test_a_tag_without_end_is_refused() -> None:
    """The parser would keep all of it, and begin anew with it at each chunk."""
    text = b"<HealthData>\n <!--" + b"x\n <Record " * 100_000
    found, _, trouble, _ = read(text, list(range(0, len(text), 1 << 16)))
    assert found == []
    assert "longer than 256 kB" in trouble
