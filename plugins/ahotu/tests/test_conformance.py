"""Ahotu, and a REST calendar that differs in all it can, keep every promise of the conformance kit."""

from __future__ import annotations

from types import SimpleNamespace

import hub_ahotu.plugin
from hub_ahotu.manifest import REST
from hub_ahotu.sandbox import AhotuSandbox
from hub_core.testing.conformance import conformance_tests

CLUB_PLUGIN = SimpleNamespace(
    **{
        **vars(hub_ahotu.plugin),
        "provider_manifest": lambda: REST,
        "provider_sandbox": lambda: AhotuSandbox(source="club"),
    }
)
# There is no token to fetch.
del CLUB_PLUGIN.fetch_app_token

test_conformance = conformance_tests(hub_ahotu.plugin)
test_rest = conformance_tests(CLUB_PLUGIN)
