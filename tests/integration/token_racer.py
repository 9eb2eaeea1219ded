"""One of several processes that want a token at the same moment: `token_racer.py CONNECTION TASKS`.

For each line on standard input its tasks each make one call with the connection's token; it answers with a
line of JSON: the digests of the tokens that they used, and the kinds of errors.
"""

from __future__ import annotations

import asyncio
import json
import sys

from hub_core.bootstrap import make_hub, read_settings
from hub_core.sdk.context import ProviderContext
from hub_core.services.connections.provider_context import with_connection
from hub_core.storage import digest
from hub_core.storage.tables import Connection


async def main(connection_id: str, tasks: int) -> None:
    """Until standard input ends."""
    hub = make_hub(read_settings())
    hub.engine.bind()
    row = await Connection.objects().where(Connection.id == connection_id).first()
    if row is None:
        raise SystemExit("there is no such connection")

    async def use(context: ProviderContext) -> str:
        await hub.dispatcher.call(context.provider, "describe_account", context=context)
        return digest(context.token().access_token)

    print(json.dumps({"tokens": [], "errors": []}), flush=True)  # noqa: T201 (ready)
    while await asyncio.to_thread(sys.stdin.readline):
        calls = [with_connection(hub, row, use) for _ in range(tasks)]
        ends = await asyncio.gather(*calls, return_exceptions=True)
        tokens = {one for one in ends if isinstance(one, str)}
        errors = [f"{type(one).__name__}: {one}" for one in ends if isinstance(one, BaseException)]
        print(json.dumps({"tokens": sorted(tokens), "errors": errors}), flush=True)  # noqa: T201
    await hub.pool.close()
    await hub.engine.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
