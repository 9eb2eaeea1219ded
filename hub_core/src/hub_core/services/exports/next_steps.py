"""What comes next for an export, as things stand: by whom, when, and by which call of the API. Pure."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import msgspec

from hub_core.services.connections.disconnect_provider import reconnect_call
from hub_core.services.exports.statuses import ExportStatus
from hub_core.storage.tables import Connection, Export, Job, Workout

Who = Literal["hub", "athlete", "coach", "operator"]


class NextStep(msgspec.Struct, frozen=True):
    """One thing to come, or that somebody can do. `call` is the API's, `METHOD /path {body}`; empty when
    there is nothing to call. `at_ms`: when the hub does it by itself."""

    who: Who
    code: str
    text: str
    at_ms: int | None = None
    call: str = ""


#: By reason code: who can do what, and the call below the athlete's path.
_BY_CODE: dict[str, tuple[tuple[Who, str, str, str], ...]] = {
    "no_primary": (
        ("athlete", "choose_primary", "Choose a primary provider", "PUT /connections/{{provider}}/primary"),
    ),
    "no_connection": (
        (
            "athlete",
            "connect",
            "Connect a watch or bike computer",
            "POST /connections/{{provider}}/authorize",
        ),
    ),
    "reconnect_needed": (
        ("athlete", "reconnect", "Connect it again", "POST /connections/{{provider}}/authorize"),
    ),
    "not_connected": (
        ("athlete", "connect", "Connect it first", "POST /connections/{{provider}}/authorize"),
    ),
    "validation_failed": (("coach", "change", "Change the workout", "PATCH /workouts/{workout}"),),
    "unsupported": (
        ("coach", "change", "Change what can't be carried", "PATCH /workouts/{workout}"),
        (
            "coach",
            "change_policy",
            "Or let it go out without that",
            'PATCH  {"fidelity_policy": "best_effort"}',
        ),
    ),
    "stopped_by_policy": (
        ("coach", "change", "Change what would be lost", "PATCH /workouts/{workout}"),
        ("coach", "change_policy", "Or accept the loss", 'PATCH  {"fidelity_policy": "accept_degraded"}'),
    ),
    "rejected": (
        ("coach", "change", "Change what the provider refuses", "PATCH /workouts/{workout}"),
        ("coach", "retry", "Or send it again as it is", "POST /exports/{export}/retry"),
    ),
    "misconfigured": (
        ("operator", "configure", "Set what is missing in the hub's environment", ""),
        ("coach", "retry", "Then send it again", "POST /exports/{export}/retry"),
    ),
    "changed_by_provider": (
        ("coach", "retry", "Send it again, in place of that copy", "POST /exports/{export}/retry"),
    ),
    "drifted": (
        ("coach", "adopt", "Let the athlete have it so", 'POST /exports/{export}/drift {"action": "adopt"}'),
        ("coach", "restore", "Or send the plan again", 'POST /exports/{export}/drift {"action": "restore"}'),
    ),
    "waits_for_phone": (("athlete", "fetch", "Open the app on the phone, which fetches it", ""),),
}
#: PENDING, and nobody but a person can go on.
_TELL_OUTCOME: tuple[tuple[Who, str, str, str], ...] = (
    (
        "athlete",
        "it_is_there",
        "Look there. It is there",
        'POST /exports/{export}/outcome {"seen": "it_is_there"}',
    ),
    ("athlete", "send_again", "It isn't", 'POST /exports/{export}/outcome {"seen": "send_again"}'),
)
_RETRY: tuple[tuple[Who, str, str, str], ...] = (
    ("coach", "retry", "Send it again", "POST /exports/{export}/retry"),
)
_RETRY_REMOVAL: tuple[tuple[Who, str, str, str], ...] = (
    ("coach", "retry", "Try again to remove it", "POST /exports/{export}/retry"),
)


def find_next_steps(
    workout: Workout,
    export: Export | None,
    title: str,
    connection: Connection | None,
    job: Job | None,
    today: dt.date,
) -> tuple[NextStep, ...]:
    """What comes next; nothing when all is done or its day is over."""
    if export is None or export.status == ExportStatus.SENT:
        return ()
    is_past = dt.date.fromisoformat(workout.date) < today
    if export.status == ExportStatus.NOT_CONNECTED:
        if export.provider and export.wanted == "absent":
            return (_connect(title, connection, "it is removed", export),)
        if is_past:
            return ()  # connecting sends what is still ahead
        if export.provider:
            return (_connect(title, connection, "it goes out", export),)
    if export.status == ExportStatus.PENDING:
        return _while_pending(workout, export, title, job)
    if export.wanted == "absent":
        return _filled(_RETRY_REMOVAL, workout, export)
    return _filled(_BY_CODE.get(export.reason_code, _RETRY), workout, export)


def _connect(title: str, connection: Connection | None, then: str, export: Export) -> NextStep:
    if connection is None:
        call = f"POST /v1/athletes/{export.athlete_id}/connections/{export.provider}/authorize"
        return NextStep("athlete", "connect", f"Connect {title}, and {then} by itself", call=call)
    again = reconnect_call(connection)
    call = f"{again.method} {again.url}" if again else ""
    return NextStep("athlete", "reconnect", f"Connect {title} again, and {then} by itself", call=call)


def _while_pending(workout: Workout, export: Export, title: str, job: Job | None) -> tuple[NextStep, ...]:
    if export.reason_code == "outcome_unknown" and export.next_try_ms is None:
        return _filled(_TELL_OUTCOME, workout, export)
    if export.reason_code in _BY_CODE:
        return _filled(_BY_CODE[export.reason_code], workout, export)
    at_ms = export.next_try_ms or (job.run_at_ms if job and job.state == "waiting" else None)
    doing = {
        "outcome_unknown": f"Looks at {title} whether an earlier try has arrived",
        "retrying": "Tries again by itself",
        "withdrawing": f"Removes it from {title}",
        "held": "Sends it when its day comes near",
    }.get(export.reason_code, f"{'Removes it from' if export.wanted == 'absent' else 'Sends it to'} {title}")
    if job is not None and job.state == "leased":
        doing, at_ms = "Is at it this moment", None
    return (NextStep("hub", "wait", doing, at_ms),)


def _filled(
    rows: tuple[tuple[Who, str, str, str], ...], workout: Workout, export: Export
) -> tuple[NextStep, ...]:
    return tuple(
        NextStep(who, code, text, call=_call(call, workout, export)) for who, code, text, call in rows
    )


def _call(template: str, workout: Workout, export: Export) -> str:
    if not template:
        return ""
    method, _, rest = template.partition(" ")
    path, _, body = rest.partition(" ")
    path = path.format(workout=workout.id, export=export.id)
    return f"{method} /v1/athletes/{workout.athlete_id}{path} {body}".strip()
