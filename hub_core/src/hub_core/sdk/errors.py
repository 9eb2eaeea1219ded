"""What a plugin may raise, named after the hub's reaction.

    ProviderError                 the root
    ├── RetryLater                try again, after `after_s` seconds if the provider said so
    │   └── HeldBack              the hub itself let no call out: over budget, or the provider is down
    ├── OutcomeUnknown            whether an earlier create has arrived can't be told; people decide
    ├── ReconnectNeeded           the athlete must connect again; nothing is retried
    │   └── TokenExpired          the access token is dead: the hub refreshes once and tries again
    ├── Rejected                  the provider refuses this workout for good; `reason` is in its words
    │   └── NotFound              the thing addressed is gone at the provider
    ├── Unsupported               the provider has no means for this `feature`
    └── Misconfigured             a setting of the plugin is missing or wrong; the operator acts

The names say what to do, and so, other than the hub's own errors, don't end in `Error`.
Messages name the provider, the operation and the next step. They never hold a token: build them from
`context.http`, which redacts, and not from raw answers.
"""

from __future__ import annotations

from hub_core.errors import HubError


class ProviderError(HubError):
    """The root of all that a plugin raises."""

    code = "provider_error"


class RetryLater(ProviderError):  # noqa: N818
    """Not now: a network error, a 5xx, a 429.

    `after_s`: seconds that the provider asked to wait, None when it didn't say.
    `outcome_unknown`: the request may have had its effect although no answer came, so the hub looks
    it up (`find_workout`) before it sends again, and not before an earlier request can't arrive any more.
    `repeatable`: however often the same arrives, there is one copy, so that nobody has to wait for that.
    """

    code = "retry_later"

    def __init__(
        self,
        message: str,
        *,
        after_s: float | None = None,
        outcome_unknown: bool = False,
        repeatable: bool = False,
    ) -> None:
        super().__init__(message)
        self.after_s = after_s
        self.outcome_unknown = outcome_unknown
        self.repeatable = repeatable


class HeldBack(RetryLater):
    """The hub's own client let the call not out, and nothing has happened: plugins don't raise this.

    `hold` says why, as a code: `over_budget`, `rate_limited` or `provider_down`. It doesn't count as a try.
    `is_noted`: the hold is written down, so that the queue keeps the job for as long as it lasts.
    """

    code = "held_back"

    def __init__(
        self, message: str, *, after_s: float = 1.0, hold: str = "over_budget", is_noted: bool = False
    ) -> None:
        super().__init__(message, after_s=after_s)
        self.hold = hold
        self.is_noted = is_noted


class OutcomeUnknown(ProviderError):  # noqa: N818
    """`find_workout` can't tell whether an earlier create has arrived. Nothing is sent until a person has
    looked."""

    code = "outcome_unknown"


class ReconnectNeeded(ProviderError):  # noqa: N818
    """The consent is gone or too small: only the athlete can help."""

    code = "reconnect_needed"


class TokenExpired(ReconnectNeeded):
    """The access token was refused. A refresh may help, and is tried once."""

    code = "token_expired"


class Rejected(ProviderError):  # noqa: N818
    """The provider refuses this request for good. `reason` is what it said."""

    code = "rejected"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotFound(Rejected):
    """What was addressed isn't there any more, as after the athlete deleted it."""

    code = "not_found_at_provider"


class Unsupported(ProviderError):  # noqa: N818
    """The provider can't do this at all. `feature` names it."""

    code = "unsupported"

    def __init__(self, feature: str) -> None:
        super().__init__(f"not supported: {feature}")
        self.feature = feature


class Misconfigured(ProviderError):  # noqa: N818
    """A setting of the plugin is missing or wrong."""

    code = "misconfigured"
