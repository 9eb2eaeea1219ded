"""Fetches what lies behind a delivery: an activity's file, or the data that a ping only points to."""

from __future__ import annotations

import msgspec

from hub_core.sdk.errors import NotFound
from hub_core.sdk.http import ProviderHttp
from hub_core.sdk.inbound import Delivery


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
