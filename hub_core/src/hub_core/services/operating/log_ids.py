"""What the lines of a log are about: the job in hand, or the request."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar

#: Names and ids that each line of the log gets while they are set. Never anything secret.
LOG_IDS: ContextVar[Mapping[str, str]] = ContextVar("hub_log_ids", default={})  # noqa: B039 (never changed)
