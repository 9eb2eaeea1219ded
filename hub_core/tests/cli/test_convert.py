"""`hub convert`: what survives is told, and a file is whole, new, or not written at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from hub_core.cli.demo import example_files
from hub_core.domain.sport import Sport
from hub_core.formats import FORMATS, format_of, open_workout, read_workout_file

KITCHEN, SWIM, RUN, RIDE = sorted(str(path) for path in example_files())
SUFFIXES = [one.suffix for one in FORMATS.values()]
ZWO = """<workout_file><name>Short</name><workout>
<Warmup Duration="600" PowerLow="0.5" PowerHigh="0.75"/><SteadyState Duration="1200" Power="0.9"/>
</workout></workout_file>"""


@pytest.fixture
def ride(tmp_path: Path) -> str:
    path = tmp_path / "mine.zwo"
    path.write_text(ZWO)
    return str(path)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_workout_goes_to_every_format_and_on_to_every_other(
    hub: Any, tmp_path: Path, ride: str, suffix: str
) -> None:
    first = tmp_path / f"first{suffix}"
    done = hub("convert", ride, str(first), "--ftp", "250")
    assert (done.code, done.err) == (0, "")
    # FIT has no ramps.
    assert f"{format_of(first).title}: {'degraded' if suffix == '.fit' else 'exact'}" in done.out
    assert "first" in done.out.split("Written: ")[1]
    for other in SUFFIXES:
        second = tmp_path / f"second{other}"
        assert hub("convert", str(first), str(second), "--ftp", "250").code == 0
        watts = read_workout_file(second)
        assert watts.sport is Sport.RIDE
        assert sum(step.duration.duration_s for step in watts.steps) == 1800  # type: ignore[union-attr]
    assert not list(tmp_path.glob(".hub-*"))


def test_what_cannot_be_told_is_not_written(hub: Any, tmp_path: Path) -> None:
    done = hub("convert", KITCHEN, "k.erg", "--ftp", "250")
    assert (done.code, done.err) == (1, "")
    assert "ERG, in watts: not possible" in done.out
    assert "steps[3]" in done.out
    assert "Nothing written: it can't be told in this format." in done.out
    assert list(tmp_path.iterdir()) == []


def test_strict_writes_only_what_is_exact(hub: Any, tmp_path: Path) -> None:
    done = hub("convert", RIDE, "v.erg", "--ftp", "250", "--strict")
    assert done.code == 1
    assert "Nothing written: something would be lost." in done.out
    assert list(tmp_path.iterdir()) == []
    assert hub("convert", RIDE, "v.erg", "--ftp", "250").code == 0
    assert hub("convert", RIDE, "v.json", "--strict").code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["v.erg", "v.json"]


def test_thresholds_make_watts(hub: Any, tmp_path: Path, ride: str) -> None:
    assert hub("convert", ride, "w.erg").code == 1
    for ftp, watts in (("200", "180"), ("300", "270")):
        assert hub("convert", ride, f"w{ftp}.erg", "--ftp", ftp).code == 0
        assert watts in (tmp_path / f"w{ftp}.erg").read_text()


def test_nothing_is_overwritten_unless_forced(hub: Any, tmp_path: Path, ride: str) -> None:
    target = tmp_path / "here.json"
    target.write_text("precious")
    done = hub("convert", ride, str(target))
    assert done.is_one_line
    assert "here.json is there already; --force replaces it" in done.err
    assert target.read_text() == "precious"
    assert hub("convert", ride, str(target), "--force").code == 0
    assert read_workout_file(target).name == "Short"
    # Not even by what can't be written.
    assert hub("convert", KITCHEN, str(tmp_path / "k.erg")).code == 1
    (tmp_path / "k.erg").write_text("precious")
    assert hub("convert", KITCHEN, str(tmp_path / "k.erg"), "--force").code == 1
    assert (tmp_path / "k.erg").read_text() == "precious"


def test_a_file_may_become_itself(hub: Any, ride: str) -> None:
    assert hub("convert", ride, ride, "--force").code == 0
    assert read_workout_file(Path(ride)).name == "Short"


def test_a_link_is_followed_by_force_only(hub: Any, tmp_path: Path, ride: str) -> None:
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    real.write_text("precious")
    link.symlink_to(real)
    assert hub("convert", ride, str(link)).is_one_line
    assert real.read_text() == "precious"
    assert hub("convert", ride, str(link), "--force").code == 0
    assert link.is_symlink()
    assert read_workout_file(real).name == "Short"


def test_a_disk_without_links_is_written_all_the_same(
    hub: Any, tmp_path: Path, ride: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    assert hub("convert", ride, "card.json").code == 0
    assert read_workout_file(tmp_path / "card.json").name == "Short"
    assert hub("convert", ride, "card.json").is_one_line


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("b.xyz", "b.xyz: cannot tell the format; what can be written is .json, .fit"),
        ("noend", "what can be written is"),
        ("-", "what can be written is"),
        ("nosuch/b.json", "nosuch/b.json cannot be written: no such file or directory"),
        ("folder.json", "folder.json is not a file"),
        ("device.json", "device.json is not a file"),
        ("x" * 300 + ".json", "cannot be written: file name too long"),
        ("mine.zwo/b.json", "cannot be written: not a directory"),
    ],
)
@pytest.mark.parametrize("force", [[], ["--force"]], ids=["", "forced"])
def test_a_bad_target_is_one_line_or_nothing(
    hub: Any, tmp_path: Path, ride: str, target: str, words: str, force: list[str]
) -> None:
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "device.json").symlink_to("/dev/null")
    before = sorted(tmp_path.iterdir())
    done = hub("convert", ride, target, *force)
    assert done.code == 2
    assert done.err.startswith("hub: ")
    assert done.err.count("\n") == 1
    assert words in done.err
    assert sorted(tmp_path.iterdir()) == before


def test_a_text_that_does_not_tell_its_sport_asks_for_it(hub: Any, tmp_path: Path) -> None:
    path = tmp_path / "plain.txt"
    path.write_text("- 20m\n- 10m\n")
    for command in (["convert", str(path), "b.json"], ["preflight", str(path)], ["draw", str(path)]):
        done = hub(*command)
        assert done.is_one_line
        assert done.err == "hub: --sport: plain.txt doesn't tell, and it must be given\n"
    assert hub("convert", str(path), "b.json", "--sport", "trail-run").code == 0
    assert read_workout_file(tmp_path / "b.json").sport is Sport.TRAIL_RUN


def test_a_sport_is_no_opinion_about_a_file_that_tells_it(hub: Any, ride: str) -> None:
    assert hub("convert", ride, "b.json", "--sport", "ride").code == 0
    done = hub("convert", ride, "c.json", "--sport", "run")
    assert done.is_one_line
    assert "--sport: mine.zwo says that it is for ride, not run" in done.err
    done = hub("convert", ride, "c.json", "--sport", "golf")
    assert done.is_one_line
    assert "there are run, trail_run" in done.err


def test_the_readers_remarks_are_shown(hub: Any, tmp_path: Path) -> None:
    path = tmp_path / "lap.txt"
    path.write_text("- Press lap 10m 80%\n")
    (remark,) = open_workout(path).remarks
    for command in (["convert", str(path), "b.json"], ["preflight", str(path), "--for", "garmin"]):
        done = hub(*command)
        assert remark in " ".join(done.out.split())
    assert remark in " ".join(hub("draw", str(path)).out.split())


def test_brackets_in_names_are_no_markup(hub: Any, tmp_path: Path) -> None:
    path = tmp_path / "[red]my[bold].zwo"
    path.write_text(ZWO.replace("Short", "[/] [bold]Mine"))
    done = hub("convert", str(path), "[bold]b[i].json")
    assert done.code == 0
    assert "Written: [bold]b[i].json" in done.out
    assert "[/] [bold]Mine" in hub("draw", "[bold]b[i].json").out
