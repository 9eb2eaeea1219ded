"""What the sandboxes of weather and races must hold before each exchange of their clients."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from hub_ahotu.sandbox import AhotuSandbox
from hub_core.sandbox import Grant
from hub_core.sandbox.rate_limits import RateLimits
from hub_core.sdk import HourlyConditions, Place, Race, RaceStatus, RateBudget, Sport
from hub_weather.sandbox import KEY, WeatherSandbox

from .plugin_contract import SandboxState

#: What the weather's exchanges are about: a morning and the hour before it.
NOW = dt.datetime(2031, 4, 7, 6, tzinfo=dt.UTC)
CONDITIONS = HourlyConditions(
    NOW,
    temperature_c=11.5,
    humidity_pct=70.0,
    dew_point_c=6.0,
    apparent_c=9.5,
    wind_ms=5.0,
    gust_ms=9.0,
    wind_from_deg=240.0,
    precipitation_mm=1.5,
    precipitation_probability_pct=60.0,
    cloud_pct=80.0,
    radiation_wm2=120.0,
    pressure_hpa=1013.0,
    uv_index=1.5,
    pm2_5_ugm3=9.0,
    pm10_ugm3=15.0,
    ozone_ugm3=60.0,
    us_aqi=40.0,
    eu_aqi=30.0,
)
RACE = Race(
    "1",
    "Mockstadt River Marathon",
    dt.date(2031, 4, 20),
    name="Marathon",
    start_time=dt.time(9, 30),
    time_zone="Europe/Berlin",
    city="Mockstadt",
    country="DE",
    place=Place(52.4, 13.06),
    sport=Sport.RUN,
    distance_m=42_195.0,
    elevation_gain_m=128.0,
    registration_open=True,
    url="https://example.invalid/event/1",
)
State = dict[str, Any]


def known(weather: WeatherSandbox) -> State:
    weather.clock.freeze(NOW.timestamp())
    weather.set_weather(CONDITIONS)
    return {}


def spent(weather: WeatherSandbox) -> State:
    told = known(weather)
    weather.open_meteo.spend(600)
    return told


def air_down(weather: WeatherSandbox) -> State:
    weather.open_meteo.air_is_down = True
    return known(weather)


def key_is_known(weather: WeatherSandbox) -> State:
    weather.source = "openweather"
    return known(weather)


def key_is_unknown(weather: WeatherSandbox) -> State:
    weather.openweather.keys.clear()
    return key_is_known(weather)


def key_has_no_subscription(weather: WeatherSandbox) -> State:
    weather.openweather.keys[KEY] = False
    return key_is_known(weather)


def key_is_spent(weather: WeatherSandbox) -> State:
    told = key_is_known(weather)
    weather.limits = RateLimits((RateBudget(1, 60),), weather.clock)
    weather.limits.take("app")
    return told


OPEN_METEO_STATES: Mapping[str, SandboxState] = {
    "the weather is known": known,
    "the calls of the minute are spent": spent,
    "air quality is down": air_down,
}
OPENWEATHER_STATES: Mapping[str, SandboxState] = {
    "a key with the subscription": key_is_known,
    "a key that nobody knows": key_is_unknown,
    "a key without the subscription": key_has_no_subscription,
    "a key whose calls are spent": key_is_spent,
}


def partner(ahotu: AhotuSandbox) -> State:
    ahotu.oauth.grants.append(Grant("partner", (), "live-token", None, None, None))
    return {"access_token": "live-token"}


def race_exists(ahotu: AhotuSandbox) -> State:
    ahotu.hold_race(RACE)
    return partner(ahotu)


def race_is_cancelled(ahotu: AhotuSandbox) -> State:
    ahotu.hold_race(
        Race(
            **{name: getattr(RACE, name) for name in Race.__struct_fields__}
            | {"status": RaceStatus.CANCELLED}
        )
    )
    return partner(ahotu)


def token_expired(ahotu: AhotuSandbox) -> State:
    known = partner(ahotu)
    ahotu.oauth.revoke("partner")
    return known


def failing(ahotu: AhotuSandbox) -> State:
    ahotu.is_failing = True
    return partner(ahotu)


AHOTU_STATES: Mapping[str, SandboxState] = {
    "races exist near 52.52,13.41": race_exists,
    "no races match": partner,
    "the edition is cancelled": race_is_cancelled,
    "the token has expired": token_expired,
    "the services behind the API are down": failing,
}
