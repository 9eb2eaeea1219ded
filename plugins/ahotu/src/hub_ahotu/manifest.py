"""What the hub must know of the two kinds of calendar."""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec

from hub_ahotu.settings import AhotuSettings
from hub_core.sdk import Capabilities, Manifest, Operation, RateBudget, Tier

_CAPABILITIES = Capabilities(operations=frozenset({Operation.SEARCH_RACES}))

AHOTU = Manifest(
    name="ahotu",
    title="Ahotu",
    api_version="1.0",
    capabilities=_CAPABILITIES,
    access="app",
    # None is published; this is what a person's searching needs.
    rate_budgets=(RateBudget(60, 60),),
    homepage="https://www.ahotu.com",
    attribution="Races by Ahotu",
    data_use="Ahotu's partner agreement.",
    tier=Tier.PLATINUM,
)
REST = Manifest(
    name="ahotu",
    title="Race calendar",
    api_version="1.0",
    capabilities=_CAPABILITIES,
    access="app",
    # The strictest of the calendars that are known (ACTIVE.com) allows two calls a second.
    rate_budgets=(RateBudget(2, 1), RateBudget(60, 60)),
    homepage="https://runsignup.com",
    attribution="Races by RunSignup",
    data_use="RunSignup's API terms: runsignup.com/API.",
    tier=Tier.PLATINUM,
)


def manifest_of(settings: AhotuSettings) -> Manifest:
    """That of the calendar which is set. Another one than RunSignup is named by its host."""
    if settings.source == "ahotu":
        return AHOTU
    host = urlsplit(settings.rest_url).hostname or ""
    if host == urlsplit(REST.homepage).hostname:
        return REST
    named = {"homepage": f"https://{host}", "attribution": f"Races by {host}"}
    return msgspec.structs.replace(REST, **named, data_use=f"The terms of {host}.")
