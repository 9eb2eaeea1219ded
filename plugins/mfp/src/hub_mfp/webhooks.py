"""What MyFitnessPal pushes: an array of hints, of thousands of users at times. Only looks, calls nobody."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from hub_core.sdk import Delivery, WebhookRequest, to_json, verify_token
from hub_mfp.client import MEAL
from hub_mfp.schemas import ChangedDay, Contents, LoggedDay
from hub_mfp.settings import MfpSettings

#: A poll's finding, beside `diary_meal`, which is the notification's own word.
DAY = "diary"
_DATE = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)", re.ASCII)


def read_webhook(request: WebhookRequest, settings: MfpSettings) -> tuple[Delivery, ...]:
    """A delivery for each athlete's day whose meals have changed. Raises `Rejected` for what isn't theirs.

    Nothing is signed: what MyFitnessPal knows and others don't is the last part of the address. What it says
    is no more than a hint, too: the day is asked for with the athlete's own token.
    """
    verify_token(request.path.rpartition("/")[2], settings.webhook_secret.get_secret_value())
    told = [one for item in request.decode(list[Any]) for one in _to_delivery(item, settings)]
    return tuple({one.key: one for one in told}.values())


def _to_delivery(item: Any, settings: MfpSettings) -> Iterator[Delivery]:
    if not isinstance(item, dict) or item.get("item_type") != MEAL:
        return
    user, url = item.get("user_id"), item.get("item_url")
    if not isinstance(user, str | int) or isinstance(user, bool) or not str(user).strip():
        return
    if date := _date_in(url, settings.api_url):
        yield _delivery(str(user), MEAL, date, to_json(ChangedDay(date)), "change")


def _date_in(url: object, api_url: str) -> dt.date | None:
    """The day that an address of theirs asks for. It is read and never called, and has to be of their host.

    Their own sample is no proper query (`...&entry_date&2014-07-30`), so any date in it counts.
    """
    if not isinstance(url, str):
        return None
    try:
        is_theirs = urlsplit(url).hostname == urlsplit(api_url).hostname
        found = _DATE.search(url) if is_theirs else None
        return dt.date.fromisoformat(found[0]) if found else None
    except ValueError:
        return None


def to_logged(user: str, date: dt.date, meals: Iterable[Contents]) -> Delivery:
    """A day as a poll has found it, with what its totals are made of and nothing else of the diary."""
    return _delivery(user, DAY, date, to_json(LoggedDay(date, list(meals))), "content")


def _delivery(user: str, kind: str, date: dt.date, body: bytes, news_by: Any) -> Delivery:
    """Both under one key: a poll after a notification is heard, whatever the notification has led to."""
    return Delivery(user, kind, body, f"{user}/{DAY}/{date}", news_by=news_by)
