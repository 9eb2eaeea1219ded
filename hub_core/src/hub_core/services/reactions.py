"""The one table from error to reaction. Whoever wonders what the hub does about something looks here."""

from __future__ import annotations

import random

import msgspec

from hub_core.errors import InvalidInputError
from hub_core.sdk.errors import (
    Misconfigured,
    OutcomeUnknown,
    ProviderError,
    ReconnectNeeded,
    Rejected,
    RetryLater,
    Unsupported,
)
from hub_core.services.fidelity_policy import PolicyStopError
from hub_core.services.statuses import ExportStatus

#: Waits double from 2 s: with ten tries, a provider may be down for half an hour.
MAX_TRIES = 10
FIRST_WAIT_S = 2.0
LONGEST_WAIT_S = 900.0


class Reaction(msgspec.Struct, frozen=True):
    """What happens to the export, and whether the job is run again."""

    status: ExportStatus
    code: str
    is_retried: bool = False


#: The first row whose class fits counts, so that special ones stand before general ones.
REACTIONS: tuple[tuple[type[Exception], Reaction], ...] = (
    (InvalidInputError, Reaction(ExportStatus.FAILED, "validation_failed")),
    (PolicyStopError, Reaction(ExportStatus.FAILED, "stopped_by_policy")),
    (ReconnectNeeded, Reaction(ExportStatus.NOT_CONNECTED, "reconnect_needed")),
    (RetryLater, Reaction(ExportStatus.PENDING, "retrying", is_retried=True)),
    (OutcomeUnknown, Reaction(ExportStatus.PENDING, "outcome_unknown")),
    (Rejected, Reaction(ExportStatus.FAILED, "rejected")),
    (Unsupported, Reaction(ExportStatus.FAILED, "unsupported")),
    (Misconfigured, Reaction(ExportStatus.FAILED, "misconfigured")),
    (ProviderError, Reaction(ExportStatus.PENDING, "plugin_fault", is_retried=True)),
    (Exception, Reaction(ExportStatus.PENDING, "internal_error", is_retried=True)),
)


def reaction_to(error: Exception, *, tries: int) -> Reaction:
    """The reaction to an error, when `tries` have failed before. After the last try it is FAILED."""
    reaction = next(reaction for kind, reaction in REACTIONS if isinstance(error, kind))
    if reaction.is_retried and tries + 1 >= MAX_TRIES:
        return Reaction(ExportStatus.FAILED, "gave_up")
    return reaction


def wait_s(error: Exception, *, tries: int) -> float:
    """Seconds to the next try: what the provider asked for, else exponential with full jitter.

    A wait that was asked for gets up to a tenth on top, so that held jobs don't all return at once.
    """
    asked = error.after_s if isinstance(error, RetryLater) else None
    if asked is not None:
        return asked + random.uniform(0, max(0.5, asked / 10))  # noqa: S311
    return random.uniform(0, min(LONGEST_WAIT_S, FIRST_WAIT_S * 2**tries))  # noqa: S311


def explain(error: Exception) -> str:
    """The error in words that may be shown. Those of the hub are written to be; others tell their kind."""
    if isinstance(error, InvalidInputError):
        return f"Validation failed: {error}"
    if isinstance(error, ProviderError | PolicyStopError):
        return error.message
    return f"internal error ({type(error).__name__})"
