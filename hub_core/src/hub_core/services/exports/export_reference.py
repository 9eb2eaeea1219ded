"""Our own name for the copy that an export is about, at its provider."""

from __future__ import annotations

from hub_core.storage.tables import Export


def reference(export: Export) -> str:
    """The same on every try, and what an activity may carry that was done by it."""
    return reference_of(export.id, export.copy_revision)


def reference_of(export_id: str, copy_revision: int = 0) -> str:
    """The reference by the export's id and, from the second copy on, the revision it was begun for."""
    return f"hub-{export_id}" + (f"-r{copy_revision}" if copy_revision else "")
