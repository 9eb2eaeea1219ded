"""A sample platform as the consumer, our own HTTP API as the provider."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pact import match

from .contract import Contract, Exchange, injected
from .hub_answers import (
    ASKING,
    ATHLETE,
    ATHLETE_ID,
    DAY,
    EXPORT_ID,
    KEY,
    NOT_CONNECTED,
    SENT,
    WORKOUT_ID,
    refuse,
    refused,
    saved,
    under,
)
from .hub_states import PLATFORM_STATES, TAKEN, WORKOUT, running_hub
from .provider import verify
from .sample_platform import Athlete, Attempt, Connection, Loss, SamplePlatform

CONTRACT = Contract("sample-platform", "hub")
FTP = {"ftp_w": 265}


@contextmanager
def platform(exchange: Exchange, key: str = KEY) -> Iterator[SamplePlatform]:
    with exchange.serve() as origin, SamplePlatform(origin, key) as client:
        yield client


# -- the two sides ------------------------------------------------------------------------------------


# It starts processes and takes longest: the earlier it begins, the sooner all are done.
def test_the_hub_keeps_the_pact(tmp_path: Path) -> None:
    with running_hub(tmp_path, PLATFORM_STATES) as (origin, states):
        verify(CONTRACT, origin, states)


def test_the_pact_has_these_exchanges_and_no_others(request: pytest.FixtureRequest) -> None:
    CONTRACT.check(request.module, SamplePlatform, PLATFORM_STATES)


# -- athletes -----------------------------------------------------------------------------------------


def test_create_athlete(exchange: Exchange) -> None:
    exchange.given("a platform has a key")
    exchange.sends(
        "POST", "/v1/athletes", headers=ASKING, json={"external_id": "runner-new", "thresholds": FTP}
    )
    exchange.gets(201, {**ATHLETE, "external_id": "runner-new", "thresholds": {"ftp_w": match.number(265)}})
    with platform(exchange) as client:
        athlete = client.create_athlete("runner-new", FTP)
    assert athlete == Athlete(ATHLETE_ID, "runner-new", FTP, export_to="all")


def test_create_athlete_whose_name_is_taken(exchange: Exchange) -> None:
    exchange.given("an athlete has the platform's name for another")
    exchange.sends("POST", "/v1/athletes", headers=ASKING, json={"external_id": TAKEN, "thresholds": FTP})
    refuse(exchange, 409, "conflict", match.includes(TAKEN))
    with platform(exchange) as client, refused(409, "conflict"):
        client.create_athlete(TAKEN, FTP)


def test_create_athlete_with_an_impossible_threshold(exchange: Exchange) -> None:
    body = {"external_id": "runner-strong", "thresholds": {"ftp_w": 2650}}
    exchange.given("a platform has a key").sends("POST", "/v1/athletes", headers=ASKING, json=body)
    refuse(exchange, 422, "invalid_input", match.str("2650 is outside 20 to 700"), path="thresholds.ftp_w")
    with platform(exchange) as client, refused(422, "invalid_input", "thresholds.ftp_w"):
        client.create_athlete("runner-strong", {"ftp_w": 2650})


def test_list_athletes(exchange: Exchange) -> None:
    listed = {"id": match.regex(ATHLETE_ID, regex="ath_.+"), "external_id": match.str("runner-1")}
    exchange.given("an athlete is there").sends("GET", "/v1/athletes", headers=ASKING)
    exchange.gets(200, match.each_like(listed, min=1))
    with platform(exchange) as client:
        assert [athlete.id for athlete in client.list_athletes()] == [ATHLETE_ID]


def test_list_athletes_with_a_wrong_key(exchange: Exchange) -> None:
    exchange.given("a platform has a key")
    exchange.sends("GET", "/v1/athletes", headers={"Authorization": "Bearer hub_wrong"})
    refuse(exchange, 401, "unauthorized", match.str("send a valid API key"))
    with platform(exchange, key="hub_wrong") as client, refused(401, "unauthorized"):
        client.list_athletes()


def test_read_athlete(exchange: Exchange) -> None:
    exchange.given("an athlete is there").sends("GET", under(), headers=ASKING).gets(200, ATHLETE)
    with platform(exchange) as client:
        assert client.read_athlete(ATHLETE_ID).external_id == "runner-1"


def test_read_athlete_who_is_nobody(exchange: Exchange) -> None:
    exchange.given("a platform has a key").sends("GET", "/v1/athletes/ath_nobody", headers=ASKING)
    refuse(exchange, 404, "not_found", match.str("there is no such athlete"))
    with platform(exchange) as client, refused(404, "not_found"):
        client.read_athlete("ath_nobody")


def test_change_athlete(exchange: Exchange) -> None:
    change = {"thresholds": FTP, "export_to": "primary"}
    exchange.given("an athlete is there").sends("PATCH", under(), headers=ASKING, json=change)
    exchange.gets(200, {**ATHLETE, "thresholds": {"ftp_w": match.number(265)}, "export_to": "primary"})
    with platform(exchange) as client:
        assert client.change_athlete(ATHLETE_ID, **change).export_to == "primary"


# -- connections --------------------------------------------------------------------------------------


def test_connect_link(exchange: Exchange) -> None:
    url = "https://provider.example/authorize?response_type=code&state=s"
    body = {"return_url": "https://coach.example/done"}
    exchange.given("an athlete is there")
    exchange.sends("POST", under("/connections/garmin/authorize"), headers=ASKING, json=body)
    exchange.gets(200, {"authorize_url": match.regex(url, regex=r"https?://.+[?&]state=.+")})
    with platform(exchange) as client:
        assert client.connect_link(ATHLETE_ID, "garmin", "https://coach.example/done") == url


def test_connect_link_to_an_unknown_provider(exchange: Exchange) -> None:
    exchange.given("an athlete is there")
    exchange.sends("POST", under("/connections/nowhere/authorize"), headers=ASKING, json={"return_url": ""})
    refuse(exchange, 404, "not_found", match.includes("there is no provider 'nowhere'"))
    with platform(exchange) as client, refused(404, "not_found"):
        client.connect_link(ATHLETE_ID, "nowhere", "")


def test_connect_link_that_comes_back_to_nowhere(exchange: Exchange) -> None:
    body = {"return_url": "javascript:alert(1)"}
    exchange.given("an athlete is there")
    exchange.sends("POST", under("/connections/garmin/authorize"), headers=ASKING, json=body)
    refuse(exchange, 422, "invalid_input", match.str("must be an http(s) URL"), path="return_url")
    with platform(exchange) as client, refused(422, "invalid_input", "return_url"):
        client.connect_link(ATHLETE_ID, "garmin", "javascript:alert(1)")


def test_connect_by_key(exchange: Exchange) -> None:
    body = {"api_key": injected("key-1", "${api_key}")}
    exchange.given("an athlete has an API key of intervals.icu")
    exchange.sends("PUT", under("/connections/intervals/api-key"), headers=ASKING, json=body)
    exchange.gets(200, [{"provider": "intervals", "status": "connected", "reason": "", "is_primary": False}])
    with platform(exchange) as client:
        assert client.connect_by_key(ATHLETE_ID, "intervals", "key-1") == [
            Connection("intervals", "connected")
        ]


def test_connect_by_key_where_there_are_none(exchange: Exchange) -> None:
    exchange.given("an athlete is there")
    exchange.sends("PUT", under("/connections/garmin/api-key"), headers=ASKING, json={"api_key": "key-1"})
    refuse(exchange, 422, "invalid_input", match.str("garmin has no API keys"))
    with platform(exchange) as client, refused(422, "invalid_input"):
        client.connect_by_key(ATHLETE_ID, "garmin", "key-1")


def test_list_connections(exchange: Exchange) -> None:
    exchange.given("an athlete is connected to Garmin")
    exchange.sends("GET", under("/connections"), headers=ASKING)
    exchange.gets(200, [{"provider": "garmin", "status": "connected", "is_primary": match.bool(True)}])
    with platform(exchange) as client:
        assert client.list_connections(ATHLETE_ID) == [Connection("garmin", "connected", is_primary=True)]


def test_choose_primary(exchange: Exchange) -> None:
    exchange.given("an athlete is connected to Garmin")
    exchange.sends("PUT", under("/connections/garmin/primary"), headers=ASKING).gets(204)
    with platform(exchange) as client:
        client.choose_primary(ATHLETE_ID, "garmin")


def test_choose_primary_that_is_not_connected(exchange: Exchange) -> None:
    exchange.given("an athlete is connected to Garmin")
    exchange.sends("PUT", under("/connections/wahoo/primary"), headers=ASKING)
    refuse(exchange, 404, "not_found", match.str("wahoo is not connected"))
    with platform(exchange) as client, refused(404, "not_found"):
        client.choose_primary(ATHLETE_ID, "wahoo")


def test_disconnect(exchange: Exchange) -> None:
    exchange.given("an athlete is connected to Garmin")
    exchange.sends("DELETE", under("/connections/garmin"), headers=ASKING)
    exchange.gets(200, {"provider": "garmin", "revoked": True})
    with platform(exchange) as client:
        assert client.disconnect(ATHLETE_ID, "garmin")


# -- workouts -----------------------------------------------------------------------------------------


def test_save_workout(exchange: Exchange) -> None:
    exchange.given("an athlete is connected to Garmin")
    exchange.sends("POST", under("/workouts"), headers=ASKING, json=WORKOUT)
    waiting = {**SENT, "status": "PENDING", "reason_code": match.str("queued"), "external_ids": {}}
    exchange.gets(201, saved(waiting))
    with platform(exchange) as client:
        workout = client.save_workout(ATHLETE_ID, WORKOUT)
    assert (workout.id, workout.revision) == (WORKOUT_ID, 1)
    assert [(export.provider, export.status) for export in workout.exports] == [("garmin", "PENDING")]


def test_save_workout_without_a_connection(exchange: Exchange) -> None:
    exchange.given("an athlete is there")
    exchange.sends("POST", under("/workouts"), headers=ASKING, json=WORKOUT).gets(201, saved(NOT_CONNECTED))
    with platform(exchange) as client:
        [export] = client.save_workout(ATHLETE_ID, WORKOUT).exports
    assert (export.provider, export.status) == (None, "NOT_CONNECTED")


def test_save_workout_that_is_wrong_in_one_place(exchange: Exchange) -> None:
    backwards = {"type": "range", "metric": "power", "low": 290, "high": 270}
    step = {"type": "step", "duration": {"type": "time", "duration_s": 600}, "target": backwards}
    wrong = {**WORKOUT, "steps": [WORKOUT["steps"][0], step]}
    exchange.given("an athlete is there")
    exchange.sends("POST", under("/workouts"), headers=ASKING, json=wrong)
    refuse(exchange, 422, "invalid_input", match.str("low is above high"), path="steps[1].target")
    with platform(exchange) as client, refused(422, "invalid_input", "steps[1].target"):
        client.save_workout(ATHLETE_ID, wrong)


def test_list_workouts(exchange: Exchange) -> None:
    exchange.given("a workout was sent to Garmin")
    exchange.sends("GET", under("/workouts"), headers=ASKING, query={"from": DAY, "to": DAY})
    exchange.gets(200, [saved(SENT)])
    with platform(exchange) as client:
        [workout] = client.list_workouts(ATHLETE_ID, DAY, DAY)
    assert workout.exports[0].external_ids == {"workout_id": "70001", "schedule_id": "80001"}


def test_read_workout(exchange: Exchange) -> None:
    exchange.given("a workout waits for a connection")
    exchange.sends("GET", under("/workouts/{workout_id}"), headers=ASKING).gets(200, saved(NOT_CONNECTED))
    with platform(exchange) as client:
        assert client.read_workout(ATHLETE_ID, WORKOUT_ID).workout["steps"] == WORKOUT["steps"]


def test_read_workout_that_is_not_there(exchange: Exchange) -> None:
    exchange.given("an athlete is there").sends("GET", under("/workouts/wk_none"), headers=ASKING)
    refuse(exchange, 404, "not_found", match.str("there is no such workout"))
    with platform(exchange) as client, refused(404, "not_found"):
        client.read_workout(ATHLETE_ID, "wk_none")


def test_change_workout(exchange: Exchange) -> None:
    exchange.given("a workout waits for a connection")
    exchange.sends("PATCH", under("/workouts/{workout_id}"), headers=ASKING, json={"name": "Easier"})
    exchange.gets(200, saved(NOT_CONNECTED, revision=2, name="Easier"))
    with platform(exchange) as client:
        workout = client.change_workout(ATHLETE_ID, WORKOUT_ID, name="Easier")
    assert (workout.revision, workout.workout["name"]) == (2, "Easier")


def test_delete_workout(exchange: Exchange) -> None:
    exchange.given("a workout was sent to Garmin")
    exchange.sends("DELETE", under("/workouts/{workout_id}"), headers=ASKING).gets(204)
    with platform(exchange) as client:
        client.delete_workout(ATHLETE_ID, WORKOUT_ID)


def test_preflight(exchange: Exchange) -> None:
    loss = {
        "feature": "cadence",
        "level": "degraded",
        "reason": match.str("bike computers show only the first target"),
        "becomes": match.str("a second target"),
        "suggestion": match.str("name the cadence in the step's name"),
    }
    kept = {"label": match.str("a step"), "level": "exact", "losses": []}
    steps = [{**kept, "path": path} for path in ("steps[0]", "steps[1]", "steps[1].repeat[0]")]
    steps += [{**kept, "path": path} for path in ("steps[1].repeat[1]", "steps[2]")]
    steps[2] |= {"level": "degraded", "losses": [loss]}
    exchange.given("an athlete is there")
    exchange.sends("POST", under("/preflight"), headers=ASKING, query={"provider": "wahoo"}, json=WORKOUT)
    exchange.gets(200, [{"provider": "wahoo", "level": "degraded", "steps": steps}])
    with platform(exchange) as client:
        [report] = client.preflight(ATHLETE_ID, WORKOUT, "wahoo")
    [lost] = [loss for step in report.steps for loss in step.losses]
    assert isinstance(lost, Loss)
    assert lost.suggestion == "name the cadence in the step's name"


def test_preflight_saved(exchange: Exchange) -> None:
    exchange.given("a workout was sent to Garmin")
    exchange.sends("GET", under("/workouts/{workout_id}/preflight"), headers=ASKING)
    exchange.gets(200, [{"provider": "garmin", "level": "exact"}])
    with platform(exchange) as client:
        [report] = client.preflight_saved(ATHLETE_ID, WORKOUT_ID)
    assert (report.provider, report.level) == ("garmin", "exact")


# -- exports ------------------------------------------------------------------------------------------


def test_list_exports(exchange: Exchange) -> None:
    exchange.given("a workout was sent to Garmin").sends("GET", under("/exports"), headers=ASKING)
    exchange.gets(200, [SENT])
    with platform(exchange) as client:
        [export] = client.list_exports(ATHLETE_ID)
    assert (export.status, export.reason) == ("SENT", "Sent to Garmin Connect.")


def test_list_exports_that_failed(exchange: Exchange) -> None:
    exchange.given("a workout was refused by Garmin")
    exchange.sends("GET", under("/exports"), headers=ASKING, query={"status": "FAILED"})
    failed = {**SENT, "status": "FAILED", "reason_code": "rejected", "external_ids": {}}
    exchange.gets(200, [{**failed, "reason": match.includes("answered 400")}])
    with platform(exchange) as client:
        [export] = client.list_exports(ATHLETE_ID, "FAILED")
    assert (export.status, export.reason_code) == ("FAILED", "rejected")


def test_list_exports_of_an_unknown_status(exchange: Exchange) -> None:
    exchange.given("an athlete is there")
    exchange.sends("GET", under("/exports"), headers=ASKING, query={"status": "LOST"})
    refuse(exchange, 422, "invalid_input", match.str("Invalid enum value 'LOST'"), path="status")
    with platform(exchange) as client, refused(422, "invalid_input", "status"):
        client.list_exports(ATHLETE_ID, "LOST")


def test_read_export(exchange: Exchange) -> None:
    attempt = {"number": 1, "outcome": match.str("sent")}
    exchange.given("a workout was sent to Garmin")
    exchange.sends("GET", under("/exports/{export_id}"), headers=ASKING)
    exchange.gets(200, {**SENT, "attempts": [attempt]})
    with platform(exchange) as client:
        assert client.read_export(ATHLETE_ID, EXPORT_ID).attempts == [Attempt(1, "sent")]


def test_retry_export(exchange: Exchange) -> None:
    exchange.given("a workout was refused by Garmin")
    exchange.sends("POST", under("/exports/{export_id}/retry"), headers=ASKING)
    exchange.gets(202, {**SENT, "status": "PENDING", "reason_code": "queued", "external_ids": {}})
    with platform(exchange) as client:
        assert client.retry_export(ATHLETE_ID, EXPORT_ID).status == "PENDING"


def test_retry_export_that_was_sent(exchange: Exchange) -> None:
    exchange.given("a workout was sent to Garmin")
    exchange.sends("POST", under("/exports/{export_id}/retry"), headers=ASKING)
    refuse(exchange, 409, "conflict", match.includes("nothing to retry"))
    with platform(exchange) as client, refused(409, "conflict"):
        client.retry_export(ATHLETE_ID, EXPORT_ID)


# -- the hub ------------------------------------------------------------------------------------------


def test_list_providers(exchange: Exchange) -> None:
    listed = {"name": match.str("garmin"), "is_loaded": match.bool(True), "is_configured": match.bool(True)}
    exchange.given("a platform has a key").sends("GET", "/v1/providers", headers=ASKING)
    exchange.gets(200, match.each_like(listed, min=1))
    with platform(exchange) as client:
        assert [provider.name for provider in client.list_providers()] == ["garmin"]


def test_is_healthy(exchange: Exchange) -> None:
    exchange.given("a platform has a key").sends("GET", "/v1/health").gets(200, {"status": "ok"})
    with platform(exchange) as client:
        assert client.is_healthy()
