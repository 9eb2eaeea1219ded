"""The app on an athlete's phone as the consumer, our own HTTP API as the provider."""

from __future__ import annotations

from pathlib import Path

import pytest
from pact import match

from . import test_hub_phone_sync
from .contract import Exchange, injected
from .hub_answers import ASKING, DAY, EXPORT_ID, refuse, refused, under
from .hub_states import EASIER, PHONE_STATES, PICKUPS, UUID, WORKOUT, running_hub
from .phone_answers import ETAG, PLAN, TAGGED, standing, to_remove, to_schedule
from .phone_exchanges import CONTRACT, phone
from .provider import verify
from .sample_phone import (
    Connection,
    Fetched,
    Moment,
    Outcome,
    Removal,
    SamplePhone,
)

KNOWING = {**ASKING, "If-None-Match": injected(ETAG, "${etag}")}
DEVICE = under("/connections/healthkit/device")
ALL = under(PICKUPS)
ONE = under(f"{PICKUPS}/{{export_id}}")

SCHEDULED = Outcome(1, "scheduled", UUID)
SAID = {"revision": 1, "outcome": "scheduled", "external_id": UUID}
SENT = standing("SENT", "sent", "Sent to Apple Watch.", held=1)


# -- the two sides ------------------------------------------------------------------------------------


# It starts processes and takes longest: the earlier it begins, the sooner all are done.
def test_the_hub_keeps_the_pact(tmp_path: Path) -> None:
    with running_hub(tmp_path, PHONE_STATES) as (origin, states):
        verify(CONTRACT, origin, states)


def test_the_pact_has_these_exchanges_and_no_others(request: pytest.FixtureRequest) -> None:
    CONTRACT.check(request.module, SamplePhone, PHONE_STATES, also=test_hub_phone_sync)


# -- the device ---------------------------------------------------------------------------------------


def test_connect_device(exchange: Exchange) -> None:
    body = {"device_id": "phone-1", "name": "Anna's iPhone"}
    exchange.given("an athlete is there").sends("PUT", DEVICE, headers=ASKING, json=body)
    connected = {"provider": "healthkit", "status": "connected"}
    exchange.gets(200, [{**connected, "provider_user_id": "phone-1", "display_name": "Anna's iPhone"}])
    with phone(exchange) as client:
        [connection] = client.connect_device("phone-1", "Anna's iPhone")
    assert connection == Connection("healthkit", "connected", "phone-1", "Anna's iPhone")


def test_connect_device_in_place_of_another(exchange: Exchange) -> None:
    body = {"device_id": "phone-2", "name": "Newer"}
    exchange.given("a phone is connected").sends("PUT", DEVICE, headers=ASKING, json=body)
    connected = {"provider": "healthkit", "status": "connected"}
    exchange.gets(200, [{**connected, "provider_user_id": "phone-2", "display_name": "Newer"}])
    with phone(exchange) as client:
        [connection] = client.connect_device("phone-2", "Newer")
    assert connection.provider_user_id == "phone-2"


def test_connect_device_without_an_id(exchange: Exchange) -> None:
    body = {"device_id": "", "name": "Phone"}
    exchange.given("an athlete is there").sends("PUT", DEVICE, headers=ASKING, json=body)
    refuse(exchange, 422, "invalid_input", match.str("a device has an id"), path="device_id")
    with phone(exchange) as client, refused(422, "invalid_input", "device_id"):
        client.connect_device("", "Phone")


def test_connect_device_of_nobody(exchange: Exchange) -> None:
    path, body = "/v1/athletes/ath_nobody/connections/healthkit/device", {"device_id": "p", "name": "Phone"}
    exchange.given("a platform has a key").sends("PUT", path, headers=ASKING, json=body)
    refuse(exchange, 404, "not_found", match.str("there is no such athlete"))
    with phone(exchange, "ath_nobody") as client, refused(404, "not_found"):
        client.connect_device("p", "Phone")


# -- what the phone should hold -----------------------------------------------------------------------


def test_fetch_pickups(exchange: Exchange) -> None:
    exchange.given("a workout lies ready for a phone").sends("GET", ALL, headers=ASKING)
    exchange.gets(200, [to_schedule()], headers=TAGGED)
    with phone(exchange) as client:
        fetched = client.fetch_pickups()
    assert fetched
    [pickup] = fetched.pickups
    assert (fetched.etag, pickup.id, pickup.revision, pickup.uuid) == (ETAG, EXPORT_ID, 1, UUID)
    assert (pickup.is_confirmed, pickup.remove) == (False, None)
    assert pickup.schedule
    assert (pickup.schedule.date, pickup.schedule.time, pickup.schedule.time_zone) == (DAY, None, "UTC")
    plan = pickup.schedule.payload
    assert (plan.format, plan.minimum_os) == ("workoutkit-plan/1", "17.0")
    assert plan.scheduled_at == Moment(2031, 4, 7, 12, 0)
    assert plan.workout == PLAN


def test_fetch_pickups_as_many_as_there_is_room_for(exchange: Exchange) -> None:
    exchange.given("two workouts lie ready for a phone")
    exchange.sends("GET", ALL, headers=ASKING, query={"room": "1"})
    exchange.gets(200, [to_schedule()], headers=TAGGED)
    with phone(exchange) as client:
        fetched = client.fetch_pickups(room=1)
    assert fetched
    assert len(fetched.pickups) == 1


def test_fetch_pickups_for_an_impossible_room(exchange: Exchange) -> None:
    exchange.given("a phone is connected").sends("GET", ALL, headers=ASKING, query={"room": "0"})
    refuse(exchange, 422, "invalid_input", match.str("Expected `int` >= 1"), path="room")
    with phone(exchange) as client, refused(422, "invalid_input", "room"):
        client.fetch_pickups(room=0)


def test_fetch_pickups_when_there_are_none(exchange: Exchange) -> None:
    exchange.given("a phone is connected").sends("GET", ALL, headers=ASKING)
    exchange.gets(200, [], headers=TAGGED)
    with phone(exchange) as client:
        assert client.fetch_pickups() == Fetched(ETAG, [])


def test_fetch_pickups_that_the_phone_holds_already(exchange: Exchange) -> None:
    exchange.given("a phone holds a workout").sends("GET", ALL, headers=ASKING)
    exchange.gets(200, [to_schedule(is_confirmed=True)], headers=TAGGED)
    with phone(exchange) as client:
        fetched = client.fetch_pickups()
    assert fetched
    assert [pickup.is_confirmed for pickup in fetched.pickups] == [True]


def test_fetch_pickups_to_remove(exchange: Exchange) -> None:
    exchange.given("a workout that a phone holds was deleted").sends("GET", ALL, headers=ASKING)
    exchange.gets(200, [to_remove(revision=2)], headers=TAGGED)
    with phone(exchange) as client:
        fetched = client.fetch_pickups()
    assert fetched
    [pickup] = fetched.pickups
    assert (pickup.revision, pickup.schedule, pickup.remove) == (2, None, Removal(UUID))


def test_fetch_pickups_when_nothing_is_new(exchange: Exchange) -> None:
    exchange.given("a workout lies ready for a phone").sends("GET", ALL, headers=KNOWING)
    exchange.gets(304, headers=TAGGED)
    with phone(exchange) as client:
        assert client.fetch_pickups(etag=ETAG) is None


def test_fetch_pickups_when_one_was_changed(exchange: Exchange) -> None:
    exchange.given("a workout was changed since a phone fetched it").sends("GET", ALL, headers=KNOWING)
    exchange.gets(200, [to_schedule(revision=2, name=EASIER)], headers=TAGGED)
    with phone(exchange) as client:
        fetched = client.fetch_pickups(etag=ETAG)
    assert fetched
    [pickup] = fetched.pickups
    assert (pickup.revision, pickup.uuid, pickup.is_confirmed) == (2, UUID, False)
    assert pickup.schedule
    assert pickup.schedule.payload.workout["displayName"] == EASIER != WORKOUT["name"]


def test_fetch_pickups_before_the_phone_is_connected(exchange: Exchange) -> None:
    exchange.given("an athlete is there").sends("GET", ALL, headers=ASKING)
    refuse(exchange, 409, "conflict", match.includes("healthkit is not connected"))
    with phone(exchange) as client, refused(409, "conflict"):
        client.fetch_pickups()


def test_fetch_pickups_after_the_phone_was_disconnected(exchange: Exchange) -> None:
    exchange.given("a phone that holds a workout is not connected any more")
    exchange.sends("GET", ALL, headers=KNOWING)
    refuse(exchange, 409, "conflict", match.includes("healthkit is not connected"))
    with phone(exchange) as client, refused(409, "conflict"):
        client.fetch_pickups(etag=ETAG)


def test_fetch_pickups_of_nobody(exchange: Exchange) -> None:
    exchange.given("a platform has a key")
    exchange.sends("GET", f"/v1/athletes/ath_nobody{PICKUPS}", headers=ASKING)
    refuse(exchange, 404, "not_found", match.str("there is no such athlete"))
    with phone(exchange, "ath_nobody") as client, refused(404, "not_found"):
        client.fetch_pickups()


def test_fetch_pickups_with_a_wrong_key(exchange: Exchange) -> None:
    exchange.given("a phone is connected")
    exchange.sends("GET", ALL, headers={"Authorization": "Bearer hub_wrong"})
    refuse(exchange, 401, "unauthorized", match.str("send a valid API key"))
    with phone(exchange, key="hub_wrong") as client, refused(401, "unauthorized"):
        client.fetch_pickups()


# -- how it went --------------------------------------------------------------------------------------


def test_confirm_scheduled(exchange: Exchange) -> None:
    exchange.given("a workout lies ready for a phone").sends("POST", ONE, headers=ASKING, json=SAID)
    exchange.gets(200, SENT)
    with phone(exchange) as client:
        export = client.confirm(EXPORT_ID, SCHEDULED)
    assert (export.id, export.status, export.sent_revision) == (EXPORT_ID, "SENT", 1)
    assert export.external_ids == {"id": UUID}


def test_confirm_scheduled_with_something_left_out(exchange: Exchange) -> None:
    left_out = "This watch has no cadenceRange alert."
    exchange.given("a workout lies ready for a phone")
    exchange.sends("POST", ONE, headers=ASKING, json={**SAID, "reason": left_out})
    exchange.gets(200, {**SENT, "reason": match.includes(left_out)})
    with phone(exchange) as client:
        export = client.confirm(EXPORT_ID, Outcome(1, "scheduled", UUID, left_out))
    assert (export.status, export.reason) == ("SENT", left_out)


def test_confirm_scheduled_again(exchange: Exchange) -> None:
    exchange.given("a phone holds a workout").sends("POST", ONE, headers=ASKING, json=SAID)
    exchange.gets(200, SENT)
    with phone(exchange) as client:
        assert client.confirm(EXPORT_ID, SCHEDULED).status == "SENT"


def test_confirm_removed(exchange: Exchange) -> None:
    exchange.given("a workout that a phone holds was deleted")
    exchange.sends("POST", ONE, headers=ASKING, json={"revision": 2, "outcome": "removed"})
    exchange.gets(200, standing("SENT", "withdrawn", "Removed from Apple Watch.", held=None))
    with phone(exchange) as client:
        export = client.confirm(EXPORT_ID, Outcome(2, "removed"))
    assert (export.reason_code, export.external_ids, export.sent_revision) == ("withdrawn", {}, None)


def test_confirm_removed_by_the_athlete(exchange: Exchange) -> None:
    exchange.given("a phone holds a workout")
    exchange.sends("POST", ONE, headers=ASKING, json={"revision": 1, "outcome": "removed"})
    exchange.gets(200, standing("FAILED", "removed_on_phone", "It was removed on the phone.", held=None))
    with phone(exchange) as client:
        export = client.confirm(EXPORT_ID, Outcome(1, "removed"))
    assert (export.status, export.reason_code) == ("FAILED", "removed_on_phone")


def test_confirm_failed(exchange: Exchange) -> None:
    why = "The scheduler holds 15 workouts."
    exchange.given("a workout lies ready for a phone")
    exchange.sends("POST", ONE, headers=ASKING, json={"revision": 1, "outcome": "failed", "reason": why})
    exchange.gets(200, {**standing("FAILED", "rejected", why, held=None), "reason": why})
    with phone(exchange) as client:
        export = client.confirm(EXPORT_ID, Outcome(1, "failed", reason=why))
    assert (export.status, export.reason_code, export.reason) == ("FAILED", "rejected", why)


def test_confirm_an_older_revision(exchange: Exchange) -> None:
    exchange.given("a workout was changed since a phone fetched it")
    exchange.sends("POST", ONE, headers=ASKING, json=SAID)
    exchange.gets(200, standing("PENDING", "waits_for_phone", "Waits for the phone to fetch it.", held=1))
    with phone(exchange) as client:
        export = client.confirm(EXPORT_ID, SCHEDULED)
    assert (export.status, export.sent_revision, export.external_ids) == ("PENDING", 1, {"id": UUID})


def test_confirm_a_revision_that_never_was(exchange: Exchange) -> None:
    exchange.given("a workout lies ready for a phone")
    exchange.sends("POST", ONE, headers=ASKING, json={**SAID, "revision": 7})
    refuse(exchange, 422, "invalid_input", match.str("revision 7 was never laid out"), path="revision")
    with phone(exchange) as client, refused(422, "invalid_input", "revision"):
        client.confirm(EXPORT_ID, Outcome(7, "scheduled", UUID))


def test_confirm_scheduled_what_is_to_be_removed(exchange: Exchange) -> None:
    exchange.given("a workout that a phone holds was deleted")
    exchange.sends("POST", ONE, headers=ASKING, json={**SAID, "revision": 2})
    refuse(exchange, 422, "invalid_input", match.str("revision 2 is to be removed"), path="outcome")
    with phone(exchange) as client, refused(422, "invalid_input", "outcome"):
        client.confirm(EXPORT_ID, Outcome(2, "scheduled", UUID))


def test_confirm_what_is_not_there(exchange: Exchange) -> None:
    exchange.given("a phone is connected")
    exchange.sends("POST", under(f"{PICKUPS}/exp_none"), headers=ASKING, json=SAID)
    refuse(exchange, 404, "not_found", match.str("there is no such export"))
    with phone(exchange) as client, refused(404, "not_found"):
        client.confirm("exp_none", SCHEDULED)


def test_confirm_what_is_another_athletes(exchange: Exchange) -> None:
    exchange.given("a workout lies ready for another athlete's phone")
    exchange.sends("POST", ONE, headers=ASKING, json=SAID)
    refuse(exchange, 404, "not_found", match.str("there is no such export"))
    with phone(exchange) as client, refused(404, "not_found"):
        client.confirm(EXPORT_ID, SCHEDULED)


def test_confirm_kept(exchange: Exchange) -> None:
    exchange.given("a workout lies ready for a phone").sends("POST", ONE, headers=ASKING, json=SAID)
    exchange.gets(200, SENT)
    kept = b'{"revision": 1, "outcome": "scheduled", "external_id": "%s"}' % UUID.encode()
    with phone(exchange) as client:
        assert client.confirm_kept(EXPORT_ID, kept).status == "SENT"


# A body that begins as JSON and breaks off is not here: pact can't compare one. hub_core/tests/api has it.
def test_confirm_kept_that_was_never_written(exchange: Exchange) -> None:
    exchange.given("a workout lies ready for a phone")
    exchange.sends("POST", ONE, headers={**ASKING, "Content-Type": "application/json"})
    refuse(exchange, 422, "invalid_input", match.str("a JSON body is needed"))
    with phone(exchange) as client, refused(422, "invalid_input"):
        client.confirm_kept(EXPORT_ID, b"")


def test_confirm_kept_in_another_form(exchange: Exchange) -> None:
    exchange.given("a workout lies ready for a phone").sends("POST", ONE, headers=ASKING, json=[SAID])
    refuse(exchange, 422, "invalid_input", match.str("Expected `object`, got `array`"))
    with phone(exchange) as client, refused(422, "invalid_input"):
        client.confirm_kept(
            EXPORT_ID, b'[{"revision": 1, "outcome": "scheduled", "external_id": "%s"}]' % UUID.encode()
        )


def test_confirm_kept_of_an_unknown_kind(exchange: Exchange) -> None:
    exchange.given("a workout lies ready for a phone")
    exchange.sends("POST", ONE, headers=ASKING, json={"revision": 1, "outcome": "eaten"})
    refuse(exchange, 422, "invalid_input", match.str("Invalid enum value 'eaten'"), path="outcome")
    with phone(exchange) as client, refused(422, "invalid_input", "outcome"):
        client.confirm_kept(EXPORT_ID, b'{"revision": 1, "outcome": "eaten"}')
