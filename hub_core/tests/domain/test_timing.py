"""The speed of nobody in particular."""

from __future__ import annotations

from hub_core.domain.sport import Sport
from hub_core.domain.timing import guess_speed


def test_everyone_moves_at_some_speed_and_families_alike() -> None:
    assert all(guess_speed(sport) > 0 for sport in Sport)
    order = (Sport.POOL_SWIM, Sport.WALK, Sport.RUN, Sport.RIDE)
    assert [guess_speed(sport) for sport in order] == sorted(guess_speed(sport) for sport in order)
    assert guess_speed(Sport.TRAIL_RUN) == guess_speed(Sport.RUN)
