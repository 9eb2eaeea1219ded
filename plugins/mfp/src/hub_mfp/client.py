"""The partner API over HTTP: one method for each endpoint, typed in and out. [MyFitnessPal API v2]"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from hub_core.sdk import (
    ProviderContext,
    ProviderError,
    ProviderHttp,
    ReconnectNeeded,
    Rejected,
    RetryLater,
    retry_after_s,
)
from hub_mfp.schemas import Contents, DiaryEntry, Item, Items, Subscription, User

MEAL = "diary_meal"
#: A day has a handful of meals, and a page a hundred: more pages than this have no end.
_MOST_PAGES = 50
#: After a 503. [MyFitnessPal API v2, status codes]
_UNAVAILABLE_S = 120.0


@dataclass(frozen=True)
class MfpClient:
    """One athlete's view of the API."""

    http: ProviderHttp
    client_id: str
    user_id: str

    async def get_user(self) -> User:
        """Whose token this is."""
        answer = await self._request("GET", f"/v2/users/{quote(self.user_id, safe='')}")
        return self.http.decode(answer, Item[User]).item

    async def list_meals(self, date: dt.date) -> list[Contents]:
        """The sums of each meal of one day, all pages; there is no query for several days.

        Without `fields[]` the meals would come without any numbers.
        """
        params = {"entry_date": date.isoformat(), "types": MEAL, "fields[]": "nutritional_contents"}
        answer = await self._request("GET", "/v2/diary", params=params)
        meals: list[Contents] = []
        for _ in range(_MOST_PAGES):
            page = self.http.decode(answer, Items[DiaryEntry]).items
            meals += [
                one.nutritional_contents or Contents()
                for one in page
                if one.type == MEAL and one.date in {None, date.isoformat()}
            ]
            # The next page's address comes in a header alone, and is followed as it is.
            following = answer.links.get("next", {}).get("url")
            if not following:
                return meals
            answer = await self._request("GET", str(answer.url.join(following)))
        raise Rejected(f"{self.http.provider}: the diary of {date} has no end")

    async def list_subscriptions(self) -> list[Subscription]:
        """What this app is told of about this athlete."""
        answer = await self._request("GET", "/v2/subscriptions")
        return self.http.decode(answer, Items[Subscription]).items

    async def subscribe(self) -> None:
        """Be told of all that the app is registered for: an empty body means every type."""
        await self._request("POST", "/v2/subscriptions")

    async def _request(self, method: str, url: str, **fields: Any) -> httpx.Response:
        headers = {
            "Accept": "application/json",
            # These and the token belong together: a valid token with another user's id is a 401.
            "mfp-client-id": self.client_id,
            "mfp-user-id": self.user_id,
        }
        return await self.http.request(method, url, headers=headers, classify=self._classify, **fields)

    def _classify(self, response: httpx.Response) -> ProviderError | None:
        if response.status_code == 503:
            wait_s = retry_after_s(response) or _UNAVAILABLE_S
            return RetryLater(self.http.explain(response), after_s=wait_s)
        return None


def client_of(context: ProviderContext) -> MfpClient:
    """The client of the connected athlete. Raises `ReconnectNeeded` when nobody knows who it is."""
    user_id = context.token().user_id
    if not user_id:
        raise ReconnectNeeded(f"{context.provider}: the token names no user; connect again")
    return MfpClient(context.http, context.settings.client_id, user_id)
