"""Why a workout is, or isn't, at a provider: the chain of facts from saving to now. A pure function.

Every link is something that was written down when it happened; nothing is guessed afterwards, and nobody is
asked. What is to come is in `next_steps`: by whom, by when, and by which call.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from hub_core.domain.compare import Difference
from hub_core.domain.fidelity import Fidelity, FidelityReport
from hub_core.domain.policy import tell_loss
from hub_core.sdk.http import Called
from hub_core.services.connections.trace import TokenState
from hub_core.services.exports.next_steps import NextStep, find_next_steps
from hub_core.services.exports.statuses import ConnectionStatus, ExportStatus, Verification
from hub_core.storage.tables import Attempt, Connection, Export, Job, Workout


class Stage(StrEnum):
    """Where in the chain a fact belongs."""

    SAVED = "saved"
    SELECTED = "selected"
    CONNECTION = "connection"
    COMPILED = "compiled"
    POLICY = "policy"
    TOKEN = "token"  # noqa: S105 (no secret)
    REQUEST = "request"
    ANSWER = "answer"
    READ_BACK = "read_back"
    DRIFT = "drift"
    NOW = "now"


class Fact(msgspec.Struct, frozen=True):
    """One link: what happened, as a code and in words, and when (epoch milliseconds, null for a standing
    fact). `is_ok` is false where the chain broke. `attempt` numbers the tries that it belongs to."""

    stage: Stage
    code: str
    text: str
    is_ok: bool = True
    at_ms: int | None = None
    attempt: int | None = None


class Why(msgspec.Struct, frozen=True):
    """The whole story of one workout at one provider, or nowhere (`export_id` and `provider` null)."""

    workout_id: str
    export_id: str | None
    provider: str | None
    status: str
    reason_code: str
    reason: str
    chain: tuple[Fact, ...]
    next_steps: tuple[NextStep, ...]


@dataclass(frozen=True)
class Known:
    """What is stored about one workout at one provider. `revisions` is when each was saved."""

    workout: Workout
    revisions: dict[int, int]
    today: dt.date
    export: Export | None = None
    title: str = ""
    attempts: tuple[Attempt, ...] = ()
    connection: Connection | None = None
    job: Job | None = None


_SELECTED = {
    "asked": "it was named when the workout was saved",
    "all": "this athlete's workouts go to all that is connected",
    "primary": "it is this athlete's primary provider",
    "only_one": "it is the only one that is connected",
}
_TOKENS = {
    TokenState.FRESH: "The token had still long to live.",
    TokenState.REFRESHED: "The token was about to end, and was refreshed.",
    TokenState.RENEWED: "The token was refused, refreshed, and the call made again.",
    TokenState.REFUSED: "The provider takes our token no more.",
    TokenState.UNREACHABLE: "The token has to be refreshed, and could not be.",
}
_GOOD_OUTCOMES = {"sent", "withdrawn", "waiting", "running"}
_READ_BACKS = {
    Verification.PENDING: "What was sent is read back next.",
    Verification.SAME: "It was read back, and is what was sent.",
    Verification.CHANGED: "It was read back, and is not what was sent: ",
    Verification.NOT_VERIFIED: "It was not read back: ",
}


def tell_why(known: Known) -> Why:
    """The chain and what comes next."""
    export = known.export
    code = export.reason_code if export else "no_export"
    reason = export.reason if export else "It has not been sent anywhere."
    status = export.status if export else ExportStatus.NOT_CONNECTED
    chain = _saved(known)
    if export is not None:
        chain += [
            *_selected(known, export),
            *_connection(known, export),
            *_compiled(export),
            *_attempts(known),
            *_read_back(export),
            *_drift(known, export),
        ]
    chain.append(Fact(Stage.NOW, code, reason, status not in {"FAILED", "NOT_CONNECTED"}, _since(export)))
    return Why(
        known.workout.id,
        export.id if export and export.provider else None,
        export.provider or None if export else None,
        status,
        code,
        reason,
        tuple(chain),
        find_next_steps(known.workout, export, known.title, known.connection, known.job, known.today),
    )


def _since(export: Export | None) -> int | None:
    return export.updated_ms if export else None


def _saved(known: Known) -> list[Fact]:
    workout, export = known.workout, known.export
    newest = export.wanted_revision if export else workout.revision
    at_ms = known.revisions.get(newest)
    facts = [Fact(Stage.SAVED, "saved", f"Revision {newest} was saved, for {workout.date}.", at_ms=at_ms)]
    tried = {one.revision for one in known.attempts}
    passed_by = [number for number in known.revisions if number < newest and number not in tried]
    if passed_by and known.attempts:
        text = f"{_numbers(passed_by)} never went out: a newer one was saved before."
        facts.append(Fact(Stage.SAVED, "superseded", text))
    if workout.deleted:
        facts.append(Fact(Stage.SAVED, "deleted", "The workout was deleted.", at_ms=workout.updated_ms))
    is_open = export is None or export.status != ExportStatus.SENT
    if is_open and not workout.deleted and dt.date.fromisoformat(workout.date) < known.today:
        facts.append(Fact(Stage.SAVED, "past", f"Its day, {workout.date}, is over.", is_ok=False))
    return facts


def _numbers(revisions: list[int]) -> str:
    first, last = min(revisions), max(revisions)
    return f"Revision {first}" if first == last else f"Revisions {first} to {last}"


def _selected(known: Known, export: Export) -> list[Fact]:
    if not export.provider:
        return [Fact(Stage.SELECTED, export.reason_code, export.reason, is_ok=False)]
    because = _SELECTED.get(export.selected_because, "chosen when it was saved")
    code = export.selected_because or "selected"
    return [Fact(Stage.SELECTED, code, f"It goes to {known.title}: {because}.", at_ms=export.created_ms)]


def _connection(known: Known, export: Export) -> list[Fact]:
    row = known.connection
    if not export.provider:
        return []
    if row is None:
        return [Fact(Stage.CONNECTION, "never_connected", f"{known.title} is not connected.", is_ok=False)]
    if row.status == ConnectionStatus.CONNECTED:
        facts = [Fact(Stage.CONNECTION, "connected", f"{known.title} is connected.", at_ms=row.connected_ms)]
        if row.refresh_error:
            text = f"The last refresh of its token failed: {row.refresh_error}"
            facts.append(
                Fact(Stage.CONNECTION, "refresh_failed", text, is_ok=False, at_ms=row.refresh_failed_ms)
            )
        return facts
    text = f"{known.title} is not connected any more: {row.reason}"
    return [Fact(Stage.CONNECTION, row.status, text, is_ok=False, at_ms=row.updated_ms)]


def _compiled(export: Export) -> list[Fact]:
    if export.reason_code == "validation_failed":
        return [Fact(Stage.COMPILED, "validation_failed", export.reason, is_ok=False)]
    if not export.fidelity:
        return []
    report = msgspec.json.decode(export.fidelity, type=FidelityReport)
    lost = [tell_loss(*pair) for pair in report.losses() if pair[1].level is not Fidelity.EXACT]
    is_carried = report.level is not Fidelity.UNSUPPORTED or export.sent_revision is not None
    told = "Everything survives." if not lost else f"{len(lost)} lost or changed: {_first(lost)}"
    facts = [Fact(Stage.COMPILED, report.level, told, is_carried)]
    if export.reason_code == "stopped_by_policy":
        facts.append(Fact(Stage.POLICY, "stopped", export.reason, is_ok=False))
    elif lost and export.sent_revision is not None:
        facts.append(Fact(Stage.POLICY, "let_out", "The athlete's policy let it out so."))
    return facts


def _first(texts: list[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{texts[0]}; and {len(texts) - 1} more"


def _attempts(known: Known) -> list[Fact]:
    facts = []
    for one in known.attempts:
        if one.token:
            is_ok = one.token not in {TokenState.REFUSED, TokenState.UNREACHABLE}
            text = _TOKENS[TokenState(one.token)]
            facts.append(Fact(Stage.TOKEN, one.token, text, is_ok, one.started_ms, one.number))
        calls = msgspec.json.decode(one.calls, type=list[Called])
        said = ", ".join(_call(call) for call in calls) or "nothing was asked that is kept"
        text = f"Try {one.number} ({one.action}, revision {one.revision}): {said}."
        facts.append(Fact(Stage.REQUEST, one.action, text, at_ms=one.started_ms, attempt=one.number))
        is_good = one.outcome in _GOOD_OUTCOMES and not one.code
        answer = one.message or ("" if one.outcome == "running" else f"It ended as {one.outcome}.")
        text = answer or "Under way, or ended without a word: its worker may have died."
        at_ms = one.finished_ms
        facts.append(Fact(Stage.ANSWER, one.code or one.outcome, text, is_good, at_ms, one.number))
    return facts


def _call(call: Called) -> str:
    came = str(call.status) if call.status else call.failure
    return f"{call.method} {call.path} → {came} in {call.duration_ms} ms"


def _read_back(export: Export) -> list[Fact]:
    if not export.verification:
        return []
    state = Verification(export.verification)
    differences = msgspec.json.decode(export.differences, type=tuple[Difference, ...])
    more = export.verification_reason
    if state is Verification.CHANGED:
        more = _first([one.words() for one in differences] or ["something"])
    is_ok = state is not Verification.CHANGED or export.reason_code == "kept_as_edited"
    return [Fact(Stage.READ_BACK, state, _READ_BACKS[state] + more, is_ok, export.verified_ms)]


def _drift(known: Known, export: Export) -> list[Fact]:
    if export.drift:
        differences = msgspec.json.decode(export.differences, type=tuple[Difference, ...])
        told = _first([one.words() for one in differences] or [export.drift])
        text = f"The athlete {export.drift} it in {known.title}: {told}"
        return [Fact(Stage.DRIFT, export.drift, text, is_ok=False, at_ms=export.drift_ms)]
    if export.drift_ms is not None:
        text = "It seemed to be gone; it is looked at once more before that counts."
        return [Fact(Stage.DRIFT, "suspected", text, at_ms=export.drift_ms)]
    if export.reason_code in {"removed_by_athlete", "kept_as_edited", "adopted"}:
        return [Fact(Stage.DRIFT, export.reason_code, export.reason, at_ms=export.updated_ms)]
    return []
