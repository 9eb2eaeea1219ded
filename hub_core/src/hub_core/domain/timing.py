"""How long a step takes that has no time of its own: for pictures, and for formats that know only time."""

from __future__ import annotations

from hub_core.domain.sport import Sport, SportFamily

#: How long a step that ends with the lap button is taken to be, here as at the providers.
OPEN_STEP_S = 300
#: 30 km/h, 12 km/h, 2:00 /100 m.
_GUESSED_MPS = {SportFamily.CYCLING: 30 / 3.6, SportFamily.RUNNING: 12 / 3.6, SportFamily.SWIMMING: 100 / 120}
_WALKING_MPS = 1.5


def guess_speed(sport: Sport) -> float:
    """Metres per second of nobody in particular: a step without speed and time gets its place with it."""
    return _GUESSED_MPS.get(sport.family, _WALKING_MPS)
