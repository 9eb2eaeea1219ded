"""Both sources keep every promise of the conformance kit."""

from __future__ import annotations

from types import SimpleNamespace

import hub_weather.plugin
from hub_core.testing.conformance import conformance_tests
from hub_weather.manifest import OPENWEATHER
from hub_weather.sandbox import WeatherSandbox

OPENWEATHER_PLUGIN = SimpleNamespace(
    **{
        **vars(hub_weather.plugin),
        "provider_manifest": lambda: OPENWEATHER,
        "provider_sandbox": lambda: WeatherSandbox(source="openweather"),
    }
)

test_conformance = conformance_tests(hub_weather.plugin)
test_openweather = conformance_tests(OPENWEATHER_PLUGIN)
