"""Our own name for an export at its provider."""

from __future__ import annotations

from hub_core.storage.tables import Export


def reference(export: Export) -> str:
    """The same on every try, and what an activity may carry that was done by it."""
    return f"hub-{export.id}"
