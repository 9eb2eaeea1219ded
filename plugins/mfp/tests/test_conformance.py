"""The promises of the conformance kit."""

from __future__ import annotations

import hub_mfp.plugin
from hub_core.testing.conformance import conformance_tests

test_conformance = conformance_tests(hub_mfp.plugin)
