"""`Retry-After` as providers send it, and as they shouldn't."""

from __future__ import annotations

import datetime as dt
import email.utils

import httpx
import pytest

from hub_core.sdk.retry_after import retry_after_s


def after(value: str) -> float | None:
    return retry_after_s(httpx.Response(429, headers=[(b"retry-after", value.encode("latin-1"))]))


@pytest.mark.parametrize(("value", "seconds"), [("0", 0), ("120", 120), (" 5 ", 5), ("1.5", 1.5)])
def test_seconds(value: str, seconds: float) -> None:
    assert after(value) == seconds


@pytest.mark.parametrize("value", ["", "soon", ".", "-3", "nan", "inf", "1e400", "²", "Wed, 99 Oct 2015"])
def test_nonsense_is_no_wish(value: str) -> None:
    assert after(value) is None


def test_dates() -> None:
    later = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=90)
    assert after(email.utils.format_datetime(later, usegmt=True)) == pytest.approx(90, abs=5)
    assert after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert after("Wed, 21 Oct 2015 07:28:00 -0000") == 0


@pytest.mark.parametrize("value", ["99999999999", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_no_wait_is_longer_than_a_day(value: str) -> None:
    assert after(value) == 86_400


def test_without_it() -> None:
    assert retry_after_s(httpx.Response(503)) is None
