"""What each hook has to answer with. Anything else is a fault of the plugin, and said before it does harm."""

from __future__ import annotations

from hub_core.domain.records import Records
from hub_core.sdk.exports import CompiledWorkout, ProviderCopy, Receipt
from hub_core.sdk.inbound import Delivery
from hub_core.sdk.tokens import Account, TokenSet
from hub_core.sdk.world import HourlyConditions, Race

#: The hooks that answer with one thing, and whether it may be None.
_ONE: dict[str, tuple[type, bool]] = {
    "tokens_from_api_key": (TokenSet, False),
    "compile_workout": (CompiledWorkout, False),
    "export_workout": (Receipt, False),
    "update_workout": (Receipt, False),
    "read_back_workout": (ProviderCopy, False),
    "find_workout": (Receipt, True),
    "describe_account": (Account, False),
    "refresh_token": (TokenSet, False),
    "ingest_activity": (Records, False),
    "fetch_app_token": (TokenSet, True),
}
#: Those that answer with any number of things.
_MANY: dict[str, tuple[type, bool]] = {
    "receive_webhook": (Delivery, False),
    "poll_deliveries": (Delivery, False),
    "search_races": (Race, False),
    "forecast_weather": (HourlyConditions, True),
}


def why_unfit(hook: str, answer: object) -> str:
    """What is wrong with an answer, such as `str instead of Receipt`; empty when nothing is.

    Hooks that only do something may answer with anything.
    """
    kind, may_be_none = _ONE.get(hook) or _MANY.get(hook) or (object, True)
    if answer is None and may_be_none:
        return ""
    if hook not in _MANY:
        return "" if isinstance(answer, kind) else _unlike(answer, kind)
    if not isinstance(answer, tuple | list):
        return f"{type(answer).__name__} instead of a tuple"
    return next((_unlike(one, kind) for one in answer if not isinstance(one, kind)), "")


def _unlike(answer: object, kind: type) -> str:
    return f"{type(answer).__name__} instead of {kind.__name__}"
