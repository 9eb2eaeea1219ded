"""Every error the hub raises on purpose, in one tree.

    HubError                      the root: a message for people, safe to show
    ├── InvalidInputError         what was handed in is wrong; `path` names the place
    ├── NotFoundError             no such thing, or not yours
    ├── ForbiddenError            the credentials do not allow this
    ├── ConflictError             it clashes with what is there
    ├── CursorExpiredError        this cursor leads nowhere any more; begin without one
    ├── ConfigurationError        a setting is missing or wrong; the operator acts
    ├── VaultError                an encrypted value cannot be read
    └── LeaseLostError            another worker took the job over; this one must not write

What a provider plugin raises is a branch of its own: `hub_core.sdk.errors`.
Messages name the place and the next step; they never hold tokens or keys.
"""

from __future__ import annotations


class HubError(Exception):
    """The root of the hub's errors. `code` is stable and meant for machines."""

    code = "hub_error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidInputError(HubError):
    """The input is wrong. `path` names the place, such as `steps[2].repeat[1].duration`."""

    code = "invalid_input"

    def __init__(self, message: str, *, path: str = "") -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.path = path
        self.detail = message


class NotFoundError(HubError):
    """There is no such thing for this caller."""

    code = "not_found"


class ForbiddenError(HubError):
    """The caller is known but may not do this."""

    code = "forbidden"


class ConflictError(HubError):
    """The request clashes with the present state."""

    code = "conflict"


class CursorExpiredError(HubError):
    """A cursor that is not of this feed, or of one that is gone. The message says to begin without one."""

    code = "cursor_expired"


class ConfigurationError(HubError):
    """A setting is missing or wrong; the message names it."""

    code = "misconfigured"


class VaultError(HubError):
    """An encrypted value can't be read: wrong key, damaged, or moved from another row."""

    code = "vault"


class LeaseLostError(HubError):
    """The lease of a job ran out and another worker may hold it: nothing may be written any more."""

    code = "lease_lost"
