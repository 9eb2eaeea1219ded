"""Whose a webhook is, what it is split into, and which addresses a callback may have."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import SecretStr

from hub_core.sdk import Delivery, Misconfigured, Rejected, WebhookRequest
from hub_garmin.settings import GarminSettings
from hub_garmin.webhooks import is_callback, read_webhook

API = "https://apis.garmin.com"
SECRET = "unguessable"
SETTINGS = GarminSettings(client_id="app-1", webhook_secret=SecretStr(SECRET))
FILE = f"{API}/wellness-api/rest/activityFile?id=190000001&token=cb-2"

#: An address that isn't Garmin's, or not to everybody who reads it. [F31]
STRANGE = [
    "http://apis.garmin.com/wellness-api/rest/dailies",
    "https://apis.garmin.com:443/wellness-api/rest/dailies",
    "https://apis.garmin.com:8443/wellness-api/rest/dailies",
    "https://apis.garmin.com./wellness-api/rest/dailies",
    "https://APIS.GARMIN.COM@127.0.0.1/wellness-api/rest/dailies",
    "https://user@apis.garmin.com/wellness-api/rest/dailies",
    "https://apis.garmin.com:pw@127.0.0.1/wellness-api/rest/dailies",
    "https://apis.garmin.com@elsewhere.example/wellness-api/rest/dailies",
    "https://apis.garmin.com.elsewhere.example/wellness-api/rest/dailies",
    "https://elsewhere.example/wellness-api/rest/dailies",
    "https://elsewhere.example/?x=https://apis.garmin.com/wellness-api/rest/dailies",
    "https://elsewhere.example#https://apis.garmin.com/wellness-api/rest/dailies",
    "https://apis.garmin.com\\@elsewhere.example/wellness-api/rest/dailies",
    "https://apis.garmin.com%2eelsewhere.example/wellness-api/rest/dailies",
    "https://apis.garmin.com%00.elsewhere.example/wellness-api/rest/dailies",
    "https://apis.garmin.com\t/wellness-api/rest/dailies",
    "https://apis.garmin.com/wellness-api/rest/dailies\r\nHost: elsewhere.example",
    " https://apis.garmin.com/wellness-api/rest/dailies",
    "https://apis.garmin.com/wellness-api/rest/dailies\n",
    "https://\u0430pis.garmin.com/wellness-api/rest/dailies",
    "https://xn--pis-6cd.garmin.com/wellness-api/rest/dailies",
    "https://127.0.0.1/wellness-api/rest/dailies",
    "https://2130706433/wellness-api/rest/dailies",
    "https://0x7f000001/wellness-api/rest/dailies",
    "https://017700000001/wellness-api/rest/dailies",
    "https://[::1]/wellness-api/rest/dailies",
    "https://[::ffff:127.0.0.1]/wellness-api/rest/dailies",
    "https://[64:ff9b::7f00:1]/wellness-api/rest/dailies",
    "https://169.254.169.254/wellness-api/rest/dailies",
    "https://0.0.0.0/wellness-api/rest/dailies",
    "https://localhost/wellness-api/rest/dailies",
    "file:///etc/passwd",
    "gopher://apis.garmin.com/wellness-api/rest/dailies",
    "//apis.garmin.com/wellness-api/rest/dailies",
    "/wellness-api/rest/dailies",
    "https:/apis.garmin.com/wellness-api/rest/dailies",
    "https://apis.garmin.com/training-api/workout/v2/7",
    "https://apis.garmin.com/wellness-api/rest/../../training-api/schedule",
    "https://apis.garmin.com/wellness-api/rest/%2e%2e/%2e%2e/training-api",
    "https://apis.garmin.com/wellness-api/rest/",
    "https://apis.garmin.com/wellness-api/restful",
    "",
    7,
    None,
    ["https://apis.garmin.com/wellness-api/rest/dailies"],
]


def webhook(body: Any, *, secret: str = SECRET, client: str | None = "app-1") -> WebhookRequest:
    headers = {} if client is None else {"garmin-client-id": client}
    return WebhookRequest("POST", f"/v1/webhooks/garmin/{secret}", headers, {}, json.dumps(body).encode())


def read(body: Any, **fields: Any) -> tuple[Delivery, ...]:
    return read_webhook(webhook(body, **fields), SETTINGS)


@pytest.mark.parametrize("url", STRANGE, ids=repr)
def test_a_strange_callback_becomes_no_delivery(url: Any) -> None:
    assert not is_callback(url, API)
    assert read({"activityFiles": [{"userId": "u-77", "callbackURL": url}]}) == ()


def test_garmins_own_callbacks_are_used_as_they_are() -> None:
    dailies = (
        f"{API}/wellness-api/rest/dailies?uploadStartTimeInSeconds=1&uploadEndTimeInSeconds=2&token=a+b/c="
    )
    for kind, url in (("dailies", dailies), ("activityFiles", FILE)):
        [delivery] = read({kind: [{"userId": "u-77", "callbackURL": url}]})
        assert (delivery.kind, delivery.file_url, delivery.file_needs_token) == (kind, url, True)


def test_a_strange_callback_takes_nothing_else_with_it() -> None:
    body = {
        "activityFiles": [
            {"userId": "u-77", "callbackURL": "https://elsewhere.example/x"},
            {"userId": "u-78", "callbackURL": FILE},
        ]
    }
    assert [delivery.provider_user_id for delivery in read(body)] == ["u-78"]


def test_one_body_of_several_athletes_and_kinds() -> None:
    body = {
        "dailies": [{"userId": "u-77", "steps": 1}, {"userId": "u-78", "steps": 2}],
        "sleeps": [{"userId": "u-77"}],
    }
    told = [(delivery.provider_user_id, delivery.kind) for delivery in read(body)]
    assert told == [("u-77", "dailies"), ("u-78", "dailies"), ("u-77", "sleeps")]


def test_what_the_hub_has_no_use_for_is_acknowledged_and_not_kept() -> None:
    assert read({"mct": [{"userId": "u-77"}], "moveIQActivities": [{"userId": "u-77"}], "news": 7}) == ()


@pytest.mark.parametrize("item", [{}, {"userId": None}, {"userId": " "}, {"userId": True}, None, 7, [[]]])
def test_nobodys_items_are_left_out(item: Any) -> None:
    assert [one.provider_user_id for one in read({"dailies": [item, {"userId": "u-77"}]})] == ["u-77"]


def test_the_token_of_the_retired_oauth_is_not_kept() -> None:
    [delivery] = read({"dailies": [{"userId": "u-77", "userAccessToken": "old-secret", "steps": 1}]})
    assert b"old-secret" not in delivery.body
    [without] = read({"dailies": [{"userId": "u-77", "steps": 1}]})
    assert delivery == without


def test_the_same_words_have_the_same_key_and_others_another() -> None:
    first, again, other = (read({"dailies": [{"userId": "u-77", "steps": n}]})[0].key for n in (1, 1, 2))
    assert first == again != other


@pytest.mark.parametrize("secret", ["", "unguessabl", "unguessable2", "UNGUESSABLE", "\u00fc"])
def test_another_address_is_refused(secret: str) -> None:
    with pytest.raises(Rejected):
        read({"dailies": [{"userId": "u-77"}]}, secret=secret)


def test_without_a_secret_nothing_is_believed() -> None:
    with pytest.raises(Misconfigured):
        read_webhook(webhook({}, secret=""), GarminSettings())


def test_another_app_is_refused_and_none_is_fine() -> None:
    body = {"dailies": [{"userId": "u-77"}]}
    assert len(read(body, client=None)) == 1  # the data generator leaves the header out
    with pytest.raises(Rejected):
        read(body, client="app-2")
