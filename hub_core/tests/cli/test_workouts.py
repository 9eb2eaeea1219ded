"""`hub preflight` and `hub athlete`, and what `hub export` says when it can't."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from hub_core.cli.demo import example_files
from hub_core.formats import FORMATS

SWIM = str(next(path for path in example_files() if path.stem == "pool-swim"))
RUN = str(next(path for path in example_files() if path.stem == "threshold-run"))


def test_preflight_tells_what_each_named_provider_makes_of_it(hub: Any, tmp_path: Any) -> None:
    done = hub("preflight", SWIM, "--for", "garmin, intervals", "--css", "1:42")
    assert done.code == 0
    assert "Garmin Connect: " in done.out
    assert "intervals.icu: " in done.out
    assert "Wahoo" not in done.out
    assert "steps[1].repeat[0]" in done.out
    # The picture comes first.
    assert done.out.startswith("CSS 8 x 50 and 4 x 100 · pool swim · about ")
    assert done.out.index("100 % is CSS 1:42 /100 m") < done.out.index("Garmin Connect: ")
    # Asking is free: it needs no database, and leaves none.
    assert not (tmp_path / "hub.db").exists()


def test_preflight_exits_with_1_when_a_provider_cannot_carry_it(hub: Any) -> None:
    done = hub("preflight", SWIM, "--for", "wahoo")
    assert done.code == 1
    assert "Wahoo: not possible" in done.out


def test_preflight_tells_what_a_policy_would_stop(hub: Any) -> None:
    ride = str(example_files()[1])
    assert hub("preflight", ride, "--for", "wahoo", "--ftp", "250").code == 0
    done = hub("preflight", ride, "--for", "wahoo", "--ftp", "250", "--policy", "strict")
    assert done.code == 1
    assert "would be stopped by your policy strict: " in " ".join(done.out.split())


@pytest.mark.parametrize("suffix", [one.suffix for one in FORMATS.values()])
def test_preflight_reads_every_format(hub: Any, suffix: str) -> None:
    assert hub("convert", str(example_files()[1]), f"v{suffix}", "--ftp", "250").code == 0
    done = hub("preflight", f"v{suffix}", "--for", "garmin", "--ftp", "250")
    assert done.code == 0
    assert " · ride · 1:05 h" in done.out
    assert "Garmin Connect: " in done.out


def test_brackets_in_a_name_are_no_markup(hub: Any, tmp_path: Any) -> None:
    steps = [{"type": "step", "duration": {"type": "time", "duration_s": 60}, "name": "[/bold] [red]x"}]
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"name": "[/] [bold]Mine", "sport": "ride", "steps": steps}))
    done = hub("preflight", str(path), "--for", "garmin")
    assert done.code == 0
    assert "[/] [bold]Mine" in done.out


@pytest.mark.parametrize(
    "arguments",
    [
        ["preflight", SWIM, "--for", "nosuch"],
        ["preflight", SWIM, "--for", "garmin,nosuch"],
        ["export", SWIM, "--to", "nosuch"],
        ["sandbox", "nosuch"],
        ["connect", "nosuch"],
        ["connect", "nosuch", "--api-key"],
    ],
    ids=" ".join,
)
def test_an_unknown_provider_is_one_line(hub: Any, arguments: list[str]) -> None:
    done = hub(*arguments)
    assert done.is_one_line
    assert "'nosuch'; installed are: ahotu, fake, garmin, " in done.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["preflight", RUN, "--ftp", "26500"], "hub: --ftp: "),
        (["preflight", RUN, "--ftp", "nan"], "hub: --ftp: "),
        (["preflight", RUN, "--threshold-pace", "4.05"], "--threshold-pace"),
        (["preflight", RUN, "--css", "1:99"], "--css"),
        (["athlete", "--time-zone", "Mars/Olympus"], "hub: --time-zone: "),
        (["export", RUN, "--to", "garmin", "--date", "tomorrow"], "--date"),
        (
            ["export", RUN, "--to", "garmin"],
            "you are not connected to garmin; run `hub connect garmin` first",
        ),
        (["connect", "garmin", "--api-key"], "garmin does not connect by API key"),
        (["connect", "garmin"], "HUB_GARMIN_CLIENT_ID"),
    ],
    ids=str,
)
def test_a_bad_argument_is_one_line(
    hub: Any, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("some-key\n"))
    done = hub(*arguments)
    assert done.is_one_line
    assert words in done.err


def test_thresholds_are_kept(hub: Any) -> None:
    assert "--ftp" in hub("athlete").out
    assert hub("athlete", "--ftp", "265", "--threshold-pace", "4:05").code == 0
    shown = hub("athlete").out
    assert "265" in shown
    assert "4.082" in shown
