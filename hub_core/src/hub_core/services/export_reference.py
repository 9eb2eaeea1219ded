"""Our own name for an export at its provider."""

from __future__ import annotations

from hub_core.storage.tables import Export


def reference(export: Export) -> str:
    """The same on every try, and what an activity may carry that was done by it."""
    return reference_of(export.id)


def reference_of(export_id: str) -> str:
    """The reference by the export's id."""
    return f"hub-{export_id}"
