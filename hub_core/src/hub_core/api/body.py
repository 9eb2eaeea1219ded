"""Request bodies: read once, strictly, by the reader that workout files go through."""

from __future__ import annotations

from typing import Any

from litestar import Request

from hub_core.formats import decode_json


class StrictRequest(Request[Any, Any, Any]):
    """A request whose JSON becomes what the handler's `data` is declared as.

    Litestar would decode without a type and convert leniently (`"600"` for 600), would lose the place
    of an error, and lets text that is not UTF-8 or nested too deeply end in a 500.
    """

    async def json(self) -> Any:
        """The body. Raises `InvalidInputError` that names the place."""
        field = self.route_handler.parsed_data_field
        return decode_json(await self.body(), field.annotation if field else Any)
