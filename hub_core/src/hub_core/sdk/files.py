"""What lies behind a delivery: an activity's file, or the data that a ping only points to."""

from __future__ import annotations

import datetime as dt

import msgspec

from hub_core.domain.records import Activity
from hub_core.errors import InvalidInputError
from hub_core.formats import read_activity_file
from hub_core.sdk.errors import NotFound, Rejected
from hub_core.sdk.http import ProviderHttp
from hub_core.sdk.inbound import Delivery

#: A file's own word on these says nothing about the provider's record.
_TOLD_ALONE = frozenset({"external_id", "version", "start", "duration_s", "name", "origin", "origin_id"})
_NOTHING: tuple[object, ...] = (None, "", ())


async def with_file(http: ProviderHttp, delivery: Delivery) -> Delivery:
    """The delivery with what its `file_url` answered; without, when the provider doesn't hold it any more.

    Raises `Rejected` for an address that isn't the provider's, and `RetryLater`.
    """
    if delivery.file_url is None or delivery.file is not None:
        return delivery
    try:
        found = await http.fetch_file(delivery.file_url, with_token=delivery.file_needs_token)
    except NotFound:
        return delivery
    return msgspec.structs.replace(delivery, file=found)


def read_file(data: bytes, file_name: str = "", start: dt.datetime | None = None) -> Activity:
    """The activity that a device's file holds (FIT, TCX or GPX), packed with gzip or not.

    Of the several activities of a multisport race it is the one that begins closest to `start`. A long file
    takes a second: call it in a thread (`asyncio.to_thread`). Raises `Rejected` when it can't be read.
    """
    try:
        read = read_activity_file(data, file_name)
    except InvalidInputError as error:
        raise Rejected(f"the activity's file can't be read: {error}") from error
    if start is None:
        return read.activities[0]
    return min(read.activities, key=lambda one: abs(one.start - start))


def with_content(told: Activity, data: bytes | None, file_name: str = "") -> Activity:
    """What the provider told, with the laps, series and numbers of the file that came along.

    The provider's words stand where both say something: athletes correct them. A file that can't be read
    takes nothing away from what was told.
    """
    if data is None:
        return told
    try:
        read = read_file(data, file_name, told.start)
    except Rejected:
        return told
    missing = {
        name: value
        for name, value in msgspec.structs.asdict(read).items()
        if name not in _TOLD_ALONE and getattr(told, name) in _NOTHING and value not in _NOTHING
    }
    return msgspec.structs.replace(told, **missing)
