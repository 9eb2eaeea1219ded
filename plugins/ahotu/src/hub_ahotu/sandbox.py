"""Stand-ins of the calendars, all with the same races in them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
from pydantic import SecretStr

from hub_ahotu.sandbox_graphql import execute
from hub_ahotu.sandbox_rest import CLUB, KEY, SECRET, answer_club, answer_runsignup
from hub_ahotu.settings import AhotuSettings
from hub_core.sandbox import (
    CLIENT_ID,
    CLIENT_SECRET,
    Answer,
    Call,
    DeviceScreen,
    Grant,
    OAuthError,
    Refusal,
    Sandbox,
    endpoint,
)
from hub_core.sdk import Place, Race, RaceStatus, Sport

SCOPE = "events/read"
TOKEN_LIFE_S = 3600
_WORDS = {RaceStatus.SCHEDULED: "ok", RaceStatus.CANCELLED: "canceled", RaceStatus.POSTPONED: "postponed"}
_CODES = {42_195.0: "marathon", 21_097.5: "half-marathon", 10_000.0: "10k"}


class AhotuSandbox(Sandbox):
    """Ahotu at `/graphql`, RunSignup at `/runsignup`, a made-up club at `/club`."""

    name = "ahotu"
    title = "Races"
    has_device = False

    def __init__(self, *, seed: int = 1, source: str = "ahotu") -> None:
        """`source`: `ahotu`, or of the REST calendars `rest` for RunSignup and `club`."""
        super().__init__(seed=seed)
        self.source = source
        self.races: list[Race] = []
        #: In which unit Ahotu tells elevation gains.
        self.gain_unit = "m"
        #: Whether Ahotu's own services are down behind its API, which answers all the same.
        self.is_failing = False

    def settings(self, origin: str) -> AhotuSettings:
        """Settings that point here."""
        is_ahotu, is_runsignup = self.source == "ahotu", self.source == "rest"
        return AhotuSettings(
            source="ahotu" if is_ahotu else "rest",
            client_id=CLIENT_ID if is_ahotu else "",
            client_secret=SecretStr(CLIENT_SECRET if is_ahotu else ""),
            scope=SCOPE,
            token_url=f"{origin}/oauth2/token",
            api_url=f"{origin}/graphql",
            rest_url=f"{origin}/{'runsignup' if is_runsignup else 'club'}",
            api_key=SecretStr(KEY if is_runsignup else ""),
            api_secret=SecretStr(SECRET if is_runsignup else ""),
            mapping=msgspec.json.encode(CLUB).decode() if self.source == "club" else "",
        )

    def device(self, user: str) -> DeviceScreen:
        """Nobody's device shows anything of this."""
        return DeviceScreen("Races", user, ())

    def hold_race(self, race: Race) -> None:
        """The calendars have it from now on; the same race again is as it was."""
        if race not in self.races:
            self.races.append(race)

    def fill(self) -> None:
        """Some races near Berlin, next spring and later."""
        spring = dt.date(self.clock.today().year + 1, 4, 4)
        for number, (event, city, place, gain) in enumerate(_SAMPLES):
            day = spring + dt.timedelta(days=7 * number)
            for name, metres in (("Marathon", 42_195.0), ("Half marathon", 21_097.5), ("10 km", 10_000.0)):
                status = RaceStatus.CANCELLED if number == 2 else RaceStatus.SCHEDULED
                self.hold_race(
                    Race(
                        f"{number}:{name}",
                        event,
                        day,
                        name,
                        start_time=dt.time(9, 30),
                        city=city,
                        country="DE",
                        place=place,
                        sport=Sport.RUN,
                        distance_m=metres,
                        elevation_gain_m=gain * metres / 42_195,
                        course="flat" if gain < 200 else "hilly",
                        terrain="road",
                        status=status,
                        registration_open=status is RaceStatus.SCHEDULED,
                        url=f"https://example.invalid/event/{number}",
                    )
                )

    # -- Ahotu ----------------------------------------------------------------------------------------

    @endpoint("POST", "/oauth2/token", public=True)
    def app_token(self, call: Call) -> Answer:
        """AWS Cognito: client credentials with a scope, and no refresh token."""
        form = call.form()
        try:
            self.oauth.check_client(form.get("client_id", ""), form.get("client_secret"))
        except OAuthError as error:
            return Answer({"error": error.error}, 400)
        if form.get("grant_type") != "client_credentials":
            return Answer({"error": "unsupported_grant_type"}, 400)
        if form.get("scope") != SCOPE:
            return Answer({"error": "invalid_scope"}, 400)
        token = self.oauth.issue_key("partner")
        grant = self.oauth.grant_for(token)
        assert grant is not None  # noqa: S101 (just made)
        grant.expires_at = self.clock.now() + TOKEN_LIFE_S
        return Answer({"access_token": token, "expires_in": TOKEN_LIFE_S, "token_type": "Bearer"})

    @endpoint("POST", "/graphql")
    def ask_ahotu(self, call: Call) -> Answer:
        """A query."""
        if self.is_failing:
            error = {
                "message": "upstream",
                "path": ["events"],
                "extensions": {"code": "INTERNAL_SERVER_ERROR"},
            }
            return Answer({"data": None, "errors": [error]})
        return Answer(execute(call.json(), self._events()))

    def _events(self) -> list[dict[str, Any]]:
        editions = dict.fromkeys((race.event, race.date) for race in self.races)
        return [self._event(910_001 + number, *edition) for number, edition in enumerate(editions)]

    def _event(self, event_id: int, name: str, day: dt.date) -> dict[str, Any]:
        mine = [race for race in self.races if (race.event, race.date) == (name, day)]
        race = mine[0]
        place = race.place or Place(0, 0)
        return {
            "id": event_id,
            "name": {"en": name},
            "city": {"en": race.city},
            "country": {"isoCode": race.country},
            "lonlat": [place.longitude, place.latitude],
            "startDate": day.isoformat(),
            "editionStatus": _WORDS.get(race.status, "to_be_confirmed"),
            "isRegistrationOpen": race.registration_open,
            "eventPageUrl": race.url or None,
            "races": [self._race(one) for one in mine],
        }

    def _race(self, race: Race) -> dict[str, Any]:
        code = _CODES.get(race.distance_m or 0)
        gain = race.elevation_gain_m
        if gain is not None and self.gain_unit == "ft":
            gain /= 0.3048
        return {
            "id": 920_001 + self.races.index(race),
            "raceName": race.name,
            "distanceKm": race.distance_m and race.distance_m / 1000,
            "distanceType": {"code": code} if code else None,
            "startDate": race.date.isoformat(),
            "startTime": f"{race.start_time:%H:%M}" if race.start_time else None,
            "sport": {"code": "run"},
            "activities": [
                {
                    "distanceKm": race.distance_m and race.distance_m / 1000,
                    "elevationGain": gain,
                    "elevationGainUnit": {"code": self.gain_unit},
                    "courseProfile": {"code": race.course or "flat"},
                    "terrain": {"code": race.terrain or "road"},
                }
            ],
        }

    # -- REST -----------------------------------------------------------------------------------------

    @endpoint("GET", "/runsignup/races")
    def ask_runsignup(self, call: Call) -> Answer:
        """A page of races."""
        return answer_runsignup(call, self.races, self.clock.today())

    @endpoint("GET", "/club/races")
    def ask_club(self, call: Call) -> Answer:
        """A page of races."""
        return answer_club(call, self.races)

    def authenticate(self, call: Call) -> Grant:
        """Ahotu wants a token. The others are open, or look at the key by themselves."""
        if call.path == "/graphql":
            return super().authenticate(call)
        return Grant("anybody", (), "", None, None, None)

    def refusal_body(self, refusal: Refusal) -> Any:
        """A gateway's error body."""
        return {"message": refusal.message}


_SAMPLES = (
    ("Mockstadt River Marathon", "Mockstadt", Place(52.40, 13.06), 128.0),
    ("Musterberg Forest Marathon", "Musterberg", Place(52.75, 13.80), 610.0),
    ("Beispielsee Lake Marathon", "Beispielsee", Place(52.30, 13.63), 95.0),
    ("Ferndorf Marathon", "Ferndorf", Place(48.14, 11.58), 210.0),
)
