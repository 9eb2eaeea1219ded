"""The one table from error to reaction, retries included. Whoever wonders what the hub does about something
looks here."""

from __future__ import annotations

import random

import msgspec

from hub_core.errors import InvalidInputError
from hub_core.sdk.errors import (
    HeldBack,
    Misconfigured,
    OutcomeUnknown,
    ProviderError,
    ReconnectNeeded,
    Rejected,
    RetryLater,
    Unsupported,
)
from hub_core.services.exports.fidelity_policy import PolicyStopError
from hub_core.services.exports.statuses import ExportStatus


class Retry(msgspec.Struct, frozen=True):
    """How something is tried again: after waits that double from `first_s` to `longest_s`, at most `tries`
    times and for `for_s` seconds; None for any."""

    tries: int | None = None
    first_s: float = 2.0
    longest_s: float = 3_600.0
    for_s: float | None = None


#: A provider that is away for a while. With these waits, a day is about forty tries. For exports the operator
#: may want others, with which the caller replaces it: see `settle_export.patience_of`.
PATIENT = Retry(for_s=86_400.0)
#: A fault that seldom goes away by itself, and may do harm each time.
WARY = Retry(tries=5, longest_s=60.0)


class Reaction(msgspec.Struct, frozen=True):
    """What happens to the export, and how the job is tried again, if it is.

    `is_failure`: whether it counts as a failed try, rather than a wait that nobody is to blame for.
    """

    status: ExportStatus
    code: str
    retry: Retry | None = None
    is_failure: bool = True

    @property
    def is_retried(self) -> bool:
        """Whether the job is run again."""
        return self.retry is not None


#: The first row whose class fits counts, so that special ones stand before general ones.
REACTIONS: tuple[tuple[type[Exception], Reaction], ...] = (
    (InvalidInputError, Reaction(ExportStatus.FAILED, "validation_failed")),
    (PolicyStopError, Reaction(ExportStatus.FAILED, "stopped_by_policy")),
    (ReconnectNeeded, Reaction(ExportStatus.NOT_CONNECTED, "reconnect_needed")),
    (HeldBack, Reaction(ExportStatus.PENDING, "over_budget", PATIENT, is_failure=False)),
    (RetryLater, Reaction(ExportStatus.PENDING, "retrying", PATIENT)),
    (OutcomeUnknown, Reaction(ExportStatus.PENDING, "outcome_unknown")),
    (Rejected, Reaction(ExportStatus.FAILED, "rejected")),
    (Unsupported, Reaction(ExportStatus.FAILED, "unsupported")),
    (Misconfigured, Reaction(ExportStatus.FAILED, "misconfigured")),
    (ProviderError, Reaction(ExportStatus.PENDING, "plugin_fault", WARY)),
    (Exception, Reaction(ExportStatus.PENDING, "internal_error", WARY)),
)

GAVE_UP = Reaction(ExportStatus.FAILED, "gave_up")


def reaction_to(
    error: Exception, *, tries: int, failing_s: float = 0.0, patience: Retry = PATIENT
) -> Reaction:
    """The reaction to an error, when `tries` have failed before, the first of them `failing_s` seconds ago.

    After the last try, or so many seconds, it is FAILED. `patience` stands for `PATIENT`, and its ends hold
    for faults as well. Over budget, or down for the hub, is no try.
    """
    reaction = next(reaction for kind, reaction in REACTIONS if isinstance(error, kind))
    if isinstance(error, HeldBack):
        reaction = msgspec.structs.replace(reaction, code=error.hold)
    if reaction.retry is None:
        return reaction
    most = min((one.tries for one in (reaction.retry, patience) if one.tries is not None), default=None)
    is_last = reaction.is_failure and most is not None and tries + 1 >= most
    is_late = patience.for_s is not None and failing_s > patience.for_s
    return GAVE_UP if is_last or is_late else reaction


def wait_s(error: Exception, *, tries: int, patience: Retry = PATIENT) -> float:
    """Seconds to the next try: what the provider asked for, else exponential with full jitter.

    A wait that was asked for gets up to a tenth on top, so that held jobs don't all return at once; one of
    the hub's own hold gets none, because the relay lets them go one by one.
    """
    asked = error.after_s if isinstance(error, RetryLater) else None
    if asked is not None:
        return asked + (0 if isinstance(error, HeldBack) else random.uniform(0, max(0.5, asked / 10)))  # noqa: S311
    retry = next(one.retry for kind, one in REACTIONS if isinstance(error, kind))
    if retry is None or retry is PATIENT:
        retry = patience
    return random.uniform(0, min(retry.longest_s, retry.first_s * 2 ** min(tries, 30)))  # noqa: S311


def explain(error: Exception) -> str:
    """The error in words that may be shown. Those of the hub are written to be; others tell their kind."""
    if isinstance(error, InvalidInputError):
        return f"Validation failed: {error}"
    if isinstance(error, ProviderError | PolicyStopError):
        return error.message
    return f"internal error ({type(error).__name__})"
