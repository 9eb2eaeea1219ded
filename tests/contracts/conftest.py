"""One exchange for each test of a client."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .contract import Exchange, to_description
from .messages import Telling

# Pact's native library reports its use over the internet unless told not to.
os.environ["PACT_DO_NOT_TRACK"] = "true"


@pytest.fixture
def exchange(request: pytest.FixtureRequest, tmp_path: Path) -> Exchange:
    """The exchange that this test is about, of the contract of its module."""
    return Exchange(request.module.CONTRACT, to_description(request.node.name), tmp_path)


@pytest.fixture
def telling(request: pytest.FixtureRequest, tmp_path: Path) -> Telling:
    """The message that this test is about, of the contract of its module."""
    return Telling(request.module.CONTRACT, to_description(request.node.name), tmp_path)
