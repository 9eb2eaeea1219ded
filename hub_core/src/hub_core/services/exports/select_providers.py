"""Where a workout goes: the providers asked for, all, the primary one, or the only one (row A3)."""

from __future__ import annotations

import msgspec

from hub_core.registry.registry import Registry
from hub_core.sdk.manifest import Operation
from hub_core.services.exports.statuses import ConnectionStatus
from hub_core.storage.tables import Athlete, Connection


class Selection(msgspec.Struct, frozen=True):
    """The chosen connections, and why as a code; when there are none, also in words to act on.

    `missing`: providers that it goes to besides, as soon as they are connected (again).
    """

    connections: tuple[Connection, ...] = ()
    code: str = ""
    reason: str = ""
    missing: tuple[str, ...] = ()


def select_providers(
    registry: Registry, athlete: Athlete, connections: list[Connection], asked: tuple[str, ...] = ()
) -> Selection:
    """Choose among an athlete's connections. `asked` are providers named for this workout."""
    usable = [one for one in connections if _can_export(registry, one)]
    by_name = {one.provider: one for one in usable}
    lapsed = [one.provider for one in connections if one.status == ConnectionStatus.RECONNECT]
    if asked:
        chosen = tuple(by_name[name] for name in asked if name in by_name)
        missing = [name for name in asked if name not in by_name]
        if not chosen:
            return Selection((), "not_connected", f"Connect {' and '.join(missing)} first.")
        return Selection(chosen, "asked", missing=tuple(missing))
    if not usable:
        if lapsed:
            return Selection((), "reconnect_needed", f"Connect {' and '.join(lapsed)} again.")
        return Selection((), "no_connection", "Connect a watch or bike computer first.")
    if athlete.export_to == "all":
        exporting = [name for name in lapsed if _takes_workouts(registry, name)]
        return Selection(tuple(usable), "all", missing=tuple(exporting))
    if athlete.primary_provider in by_name:
        return Selection((by_name[athlete.primary_provider],), "primary")
    if len(usable) == 1:
        return Selection((usable[0],), "only_one")
    names = ", ".join(sorted(by_name))
    return Selection((), "no_primary", f"Several are connected ({names}): choose a primary one, or all.")


def _can_export(registry: Registry, connection: Connection) -> bool:
    return connection.status == ConnectionStatus.CONNECTED and _takes_workouts(registry, connection.provider)


def _takes_workouts(registry: Registry, name: str) -> bool:
    provider = registry.providers.get(name)
    return provider is not None and Operation.EXPORT in provider.manifest.capabilities.operations
