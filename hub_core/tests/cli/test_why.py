"""`hub why` prints the chain of a workout, found by what people have at hand."""

from __future__ import annotations

from typing import Any

from hub_core.cli.demo import example_files


def test_a_workout_that_goes_nowhere_says_why(hub: Any) -> None:
    sent = hub("export", str(example_files()[1]), "--to", "intervals", "--date", "2031-04-07")
    assert sent.code == 1  # nothing is connected
    done = hub("why", "VO2max 5 x 3 min")
    assert done.code == 0
    assert "NOT_CONNECTED not_connected" in done.out
    assert "✓ saved      Revision 1 was saved, for 2031-04-07." in done.out
    assert "✗ selected   Connect intervals first." in done.out
    assert "→ athlete    Connect it first" in done.out
    assert hub("why", "nothing of the kind").is_one_line
