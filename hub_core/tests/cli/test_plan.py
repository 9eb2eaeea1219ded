"""`hub plan`: the weeks to a race, or why there are none."""

from __future__ import annotations

from typing import Any

import pytest

MARATHON = ("plan", "--race-date", "2027-04-18", "--distance", "42.2", "--weekly-hours", "6")


@pytest.mark.parametrize(("columns", "longest"), [("120", 20), ("80", 7)])
def test_the_weeks_to_a_marathon(hub: Any, tmp_path: Any, columns: str, longest: int) -> None:
    done = hub(*MARATHON, "--ctl", "25", "--start", "2026-11-30", COLUMNS=columns)
    assert done.code == 0
    assert done.out.startswith("42.2 km on Sun 18 Apr 2027, 20 weeks, ")
    rows = [line.split("│") for line in done.out.splitlines() if "│" in line]
    weeks = [(row[1].strip(), row[2].strip(), row[3].split()[0]) for row in rows if row[1].strip()]
    assert weeks[0] == ("19", "30 Nov 2026", "base")
    assert weeks[11] == ("8", "15 Feb 2027", "build")
    assert weeks[-2:] == [("1", "05 Apr 2027", "taper"), ("0", "12 Apr 2027", "race")]
    # The longest bar is the week of most load.
    loads = {int(row[4].split()[1]): row[4].count("█") for row in rows if "█" in row[4]}
    assert max(loads.values()) == loads[max(loads)] == longest
    assert min(loads.values()) == loads[min(loads)]
    assert "Taper from Mon 05 Apr: 50 % less time, CTL 25 → " in done.out
    assert "Bosquet 2007: 41 to 60 %" in done.out
    # Asking is free: it needs no database, and leaves none.
    assert not (tmp_path / "hub.db").exists()


def test_too_little_time_is_one_answer_and_exit_code_1(hub: Any) -> None:
    done = hub(*MARATHON, "--distance", "marathon", "--start", "2027-02-01")
    assert done.code == 1
    words = " ".join(done.out.split())
    assert words.startswith("No plan: 11 whole weeks are too few")
    assert words.endswith("a race of 10 km is possible on that day.")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--start", "soon"), "--start: write a date as 2027-04-01"),
        (("--start", "2028-01-01"), "--race-date: 2027-04-18 isn't after the first day, 2028-01-01"),
        (("--weekly-hours", "60"), "--weekly-hours: 60 is outside 1 to 30 h"),
        (("--distance", "42195"), "--distance: 4.2195e+07 is outside 1000 to 1e+06 m"),
        (("--distance", "far"), "--distance: 'far' is none; write it as 42.2 or marathon"),
        (("--sessions", "9", "--start", "2026-12-01"), "--sessions: 9 is outside 2 to 7"),
    ],
)
def test_what_cant_be_names_the_option(hub: Any, arguments: tuple[str, ...], words: str) -> None:
    done = hub(*MARATHON, *arguments)
    assert done.is_one_line
    assert words in done.err
