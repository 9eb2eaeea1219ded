"""A reference client for phones that are offline half of the time: read it, and write it in your language.

`store.py` is what the phone keeps, `screen.py` what the person sees, `sync.py` is what it says to the hub.
`docs/sync-protocol.md` tells the rules. It needs httpx, msgspec and SQLite, and nothing else of the hub.
"""

from hub_core.client.store import KEPT_S, Queued, Store
from hub_core.client.sync import WAITS_S, NotAllowedError, SyncClient

__all__ = ["KEPT_S", "WAITS_S", "NotAllowedError", "Queued", "Store", "SyncClient"]
