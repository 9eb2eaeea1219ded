"""Races and weather: the questions that several providers may answer."""

from hub_core.domain.race import Race, RaceQuery, RaceStatus, distance_km, matches, parse_distance
from hub_core.domain.weather import HourlyConditions, Place

__all__ = [
    "HourlyConditions",
    "Place",
    "Race",
    "RaceQuery",
    "RaceStatus",
    "distance_km",
    "matches",
    "parse_distance",
]
