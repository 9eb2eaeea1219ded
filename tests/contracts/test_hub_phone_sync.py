"""The rest of the pact of `test_hub_phone.py`: what the phone sends, and how it stays in step."""

from __future__ import annotations

from pact import match

from .contract import Exchange, injected
from .hub_answers import ASKING, refuse, refused, under
from .hub_states import BATCH
from .phone_exchanges import CONTRACT as CONTRACT
from .phone_exchanges import phone
from .sample_phone import Change, ItemError, Result, Taken

SENT_BATCH = under("/ingest/batch")
BAD = {**BATCH["data"]["records"][0], "id": "S-2", "value": -1}


def _counted(new: int, known: int) -> dict[str, object]:
    return {"new": new, "known": known, "errors": []}


def test_send_batch(exchange: Exchange) -> None:
    exchange.given("a phone is connected").sends("POST", SENT_BATCH, headers=ASKING, json=BATCH)
    exchange.gets(200, _counted(1, 0))
    with phone(exchange) as client:
        assert client.send_batch(BATCH) == Taken(1, 0, [])


def test_send_batch_again(exchange: Exchange) -> None:
    exchange.given("a phone has sent its steps").sends("POST", SENT_BATCH, headers=ASKING, json=BATCH)
    exchange.gets(200, _counted(1, 0))
    with phone(exchange) as client:
        assert client.send_batch(BATCH).new == 1


def test_send_batch_under_a_key_that_was_used(exchange: Exchange) -> None:
    other = {**BATCH, "data": {"records": [BAD]}}
    exchange.given("a phone has sent its steps").sends("POST", SENT_BATCH, headers=ASKING, json=other)
    refuse(exchange, 409, "conflict", match.str("this batch id was used for another body"))
    with phone(exchange) as client, refused(409, "conflict"):
        client.send_batch(other)


def test_send_batch_with_an_item_that_is_wrong(exchange: Exchange) -> None:
    batch = {"batchId": "batch-2", "data": {"records": [*BATCH["data"]["records"], BAD]}}
    exchange.given("a phone is connected").sends("POST", SENT_BATCH, headers=ASKING, json=batch)
    error = {"path": "data.records[1].value", "index": 1, "external_id": "S-2"}
    detail = match.str("must not be negative")
    exchange.gets(207, {"new": 1, "known": 0, "errors": [{**error, "detail": detail}]})
    with phone(exchange) as client:
        taken = client.send_batch(batch)
    assert taken.errors == [ItemError("data.records[1].value", "must not be negative", 1, "S-2")]


def test_send_batch_of_a_phone_that_is_not_connected(exchange: Exchange) -> None:
    exchange.given("an athlete is there").sends("POST", SENT_BATCH, headers=ASKING, json=BATCH)
    refuse(exchange, 409, "conflict", match.str("no phone is connected"))
    with phone(exchange) as client, refused(409, "conflict"):
        client.send_batch(BATCH)


def test_fetch_changes(exchange: Exchange) -> None:
    exchange.given("a phone has sent its steps")
    exchange.sends("GET", under("/changes"), headers=ASKING, query={"cursor": "", "collections": "daily"})
    day = {"id": match.regex("day_1", regex="day_.+"), "entity": {"date": "2031-04-07", "steps": 1200}}
    change = {"collection": "daily", "operation": "upsert", **day}
    exchange.gets(200, {"changes": [change], "next_cursor": match.str("c1"), "has_more": False})
    with phone(exchange) as client:
        page = client.fetch_changes()
    assert page.changes == [Change("daily", "day_1", "upsert", {"date": "2031-04-07", "steps": 1200})]
    assert (page.next_cursor, page.has_more) == ("c1", False)


def test_fetch_changes_from_a_cursor_that_leads_nowhere(exchange: Exchange) -> None:
    exchange.given("a phone has the cursor of another athlete")
    query = {"cursor": injected("c9", "${cursor}"), "collections": "daily"}
    exchange.sends("GET", under("/changes"), headers=ASKING, query=query)
    refuse(exchange, 410, "cursor_expired", match.str("ask again without a cursor"))
    with phone(exchange) as client, refused(410, "cursor_expired"):
        client.fetch_changes("c9")


def test_send_operations(exchange: Exchange) -> None:
    enter = {
        "op": "enter_daily",
        "id": "o1",
        "sequence": 1,
        "date": "2031-04-07",
        "fields": {"weight_kg": 70},
    }
    wrong = {"op": "unpin", "id": "o2", "sequence": 2, "rule": "rule_none"}
    body = {"client_id": "phone-1", "operations": [enter, wrong]}
    exchange.given("an athlete is there").sends("POST", under("/mutations"), headers=ASKING, json=body)
    no = {"id": "o2", "status": "rejected", "detail": match.str("there is no such rule in force")}
    exchange.gets(200, {"results": [{"id": "o1", "status": "applied"}, no]})
    with phone(exchange) as client:
        results = client.send_operations("phone-1", [enter, wrong])
    assert results == [Result("o1", "applied"), Result("o2", "rejected", "there is no such rule in force")]
