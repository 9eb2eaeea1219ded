"""The tables. Instants are epoch milliseconds in UTC (`*_ms`), local dates are ISO text.

Identifiers are text with a prefix that says what they name (`wk_...`). Indexes and unique
constraints over several columns stand in the migration, because SQLite knows them only so.
"""

from __future__ import annotations

from piccolo.columns import BigInt, Boolean, Bytea, Integer, Text, Varchar
from piccolo.columns.column_types import BigSerial
from piccolo.table import Table

from hub_core.storage.inbound_tables import INBOUND_TABLES


class Platform(Table, tablename="platform"):
    """An application that uses the hub's API."""

    id = Varchar(length=40, primary_key=True)
    name = Varchar(length=200)
    created_ms = BigInt()
    fidelity_policy = Varchar(length=20, default="accept_degraded")
    on_update = Varchar(length=10, default="replace")
    on_drift = Varchar(length=10, default="ask")
    #: By provider, as JSON.
    on_drift_at = Text(default="{}")


class ApiKey(Table, tablename="api_key"):
    """A platform's key: only its SHA-256 is kept."""

    id = Varchar(length=40, primary_key=True)
    platform_id = Varchar(length=40, index=True)
    label = Varchar(length=200, default="")
    digest = Varchar(length=64, unique=True)
    created_ms = BigInt()
    revoked_ms = BigInt(null=True, default=None)


class Athlete(Table, tablename="athlete"):
    """A person who trains. `external_id` is the platform's own name for them."""

    id = Varchar(length=40, primary_key=True)
    platform_id = Varchar(length=40)
    external_id = Varchar(length=200)
    name = Varchar(length=200, default="")
    thresholds = Text(default="{}")
    primary_provider = Varchar(length=40, null=True, default=None)
    export_to = Varchar(length=10, default="primary")
    created_ms = BigInt()
    updated_ms = BigInt()
    #: None: the platform's.
    fidelity_policy = Varchar(length=20, null=True, default=None)
    on_update = Varchar(length=10, null=True, default=None)
    on_drift = Varchar(length=10, null=True, default=None)
    #: Where they train, and when they have time, as JSON; empty when they haven't said.
    home = Text(default="")
    availability = Text(default="")
    #: By provider, as JSON.
    on_drift_at = Text(default="{}")


class Connection(Table, tablename="connection"):
    """One athlete's link to one provider. `tokens` is written and read by the vault alone, and so are
    `leaving_tokens`, with which nothing is done but to tell the provider that the connection has ended.

    `tokens_ms` is when the present tokens were handed out. The last two refreshes began at `refresh_began_ms`
    and `refresh_before_ms`; what `refresh_error` tells of the last one is empty when it went well.
    """

    id = Varchar(length=40, primary_key=True)
    athlete_id = Varchar(length=40)
    provider = Varchar(length=40)
    status = Varchar(length=20)
    reason = Text(default="")
    provider_user_id = Varchar(length=200, default="")
    display_name = Varchar(length=200, default="")
    scopes = Text(default="")
    tokens = Bytea(null=True, default=None)
    token_version = Integer(default=0)
    token_expires_ms = BigInt(null=True, default=None)
    refreshing_until_ms = BigInt(null=True, default=None)
    connected_ms = BigInt()
    updated_ms = BigInt()
    #: `oauth`, `api_key` or `device`.
    connected_by = Varchar(length=10, default="oauth")
    tokens_ms = BigInt(null=True, default=None)
    refresh_began_ms = BigInt(null=True, default=None)
    refresh_before_ms = BigInt(null=True, default=None)
    refresh_error = Text(default="")
    refresh_failed_ms = BigInt(null=True, default=None)
    leaving_tokens = Bytea(null=True, default=None)


class Authorization(Table, tablename="authorization"):
    """An OAuth consent under way. The id is the digest of the `state`, which itself is not kept."""

    id = Varchar(length=64, primary_key=True)
    athlete_id = Varchar(length=40)
    provider = Varchar(length=40)
    verifier = Bytea(null=True, default=None)
    redirect_uri = Text()
    return_url = Text(default="")
    expires_ms = BigInt()
    used_ms = BigInt(null=True, default=None)


class Workout(Table, tablename="workout"):
    """A planned workout; `document` is its newest revision as JSON.

    `removed_at` names the provider at which the athlete removed this revision, when the hub follows that.
    `asked` names those that it is to go to, separated by spaces; none for the athlete's usual way.
    """

    id = Varchar(length=40, primary_key=True)
    athlete_id = Varchar(length=40)
    external_id = Varchar(length=200, null=True, default=None)
    revision = Integer(default=1)
    name = Varchar(length=300)
    sport = Varchar(length=40)
    date = Varchar(length=10)
    document = Text()
    deleted = Boolean(default=False)
    created_ms = BigInt()
    updated_ms = BigInt()
    removed_at = Varchar(length=40, default="")
    removed_ms = BigInt(null=True, default=None)
    asked = Text(default="")


class WorkoutRevision(Table, tablename="workout_revision"):
    """What a workout said at each revision. Never changed."""

    id = Varchar(length=40, primary_key=True)
    workout_id = Varchar(length=40)
    revision = Integer()
    document = Text()
    created_ms = BigInt()


class Export(Table, tablename="export"):
    """One workout on its way to one provider.

    The wanted state is (`wanted`, `wanted_revision`): the job brings the provider's copy to it.
    `external_ids` is what the provider holds now; `progress` is what a call under way has got so far.
    `sent_revision` is the one that the provider holds, None when its copy is not as it should be.
    `sent_digest` (of the payload) and `sent_thresholds` say of what that copy was made, so that it can be
    compiled again; `verification` and the fields after it are what the look at it has shown.
    `drift` is what the athlete has changed since, seen first at `drift_ms`, and `drift_steps` the copy.
    Nothing is sent before `send_at_ms`. Where an update makes another workout (`on_update` is `create`),
    `copy_revision` is the one that the present copy was begun for, and `older_copies` holds the ids of those
    before it.
    """

    id = Varchar(length=40, primary_key=True)
    athlete_id = Varchar(length=40, index=True)
    workout_id = Varchar(length=40)
    provider = Varchar(length=40, default="")
    wanted = Varchar(length=10, default="present")
    wanted_revision = Integer(default=1)
    sent_revision = Integer(null=True, default=None)
    status = Varchar(length=20)
    reason_code = Varchar(length=60, default="")
    reason = Text(default="")
    external_ids = Text(default="{}")
    progress = Text(default="{}")
    fidelity = Text(default="")
    payload = Bytea(null=True, default=None)
    sent_ms = BigInt(null=True, default=None)
    next_try_ms = BigInt(null=True, default=None)
    created_ms = BigInt()
    updated_ms = BigInt()
    sent_digest = Varchar(length=64, default="")
    sent_thresholds = Text(default="")
    verification = Varchar(length=20, default="")
    verification_reason = Text(default="")
    differences = Text(default="[]")
    verified_ms = BigInt(null=True, default=None)
    send_at_ms = BigInt(null=True, default=None)
    copy_revision = Integer(default=0)
    older_copies = Text(default="[]")
    #: Why it goes to this provider: a code of `select_providers`.
    selected_because = Varchar(length=20, default="")
    drift = Varchar(length=10, default="")
    drift_ms = BigInt(null=True, default=None)
    drift_steps = Text(default="")


class Attempt(Table, tablename="attempt"):
    """One try of one export. Written with its deadline before the provider is called.

    `token` is how its token was come by, `calls` what was asked of the provider, as JSON (`trace`).
    """

    id = Varchar(length=40, primary_key=True)
    export_id = Varchar(length=40)
    number = Integer()
    action = Varchar(length=20)
    revision = Integer()
    fence = Integer()
    started_ms = BigInt()
    deadline_ms = BigInt()
    finished_ms = BigInt(null=True, default=None)
    outcome = Varchar(length=20, default="running")
    code = Varchar(length=60, default="")
    message = Text(default="")
    token = Varchar(length=20, default="")
    calls = Text(default="[]")


class Job(Table, tablename="job"):
    """Work to be done: one row per (kind, subject). The table is the truth, the broker only a bell.

    `state` is `waiting`, `leased`, `done` or `dead`. `generation` grows each time the work is asked for
    again, `fence` each time a worker takes it. `line_ms` is the place in the line among those that are due;
    `turn_ms` comes before it, 0 for what is live, see `storage/backlog.py` for the rest; `day_ends_ms` is
    when the day is over that the work is for, 0 if for none;
    `losses` counts the leases that ran out in a worker's hands; `failing_since_ms` is when the first of the
    `tries` failed.
    """

    id = Varchar(length=40, primary_key=True)
    kind = Varchar(length=40)
    subject_id = Varchar(length=40)
    state = Varchar(length=10, default="waiting")
    priority = Integer(default=5)
    generation = Integer(default=1)
    fence = Integer(default=0)
    tries = Integer(default=0)
    run_at_ms = BigInt()
    dispatched_ms = BigInt(null=True, default=None)
    lease_until_ms = BigInt(null=True, default=None)
    error = Text(default="")
    created_ms = BigInt()
    updated_ms = BigInt()
    provider = Varchar(length=40, default="")
    athlete_id = Varchar(length=40, default="")
    line_ms = BigInt(default=0)
    losses = Integer(default=0)
    failing_since_ms = BigInt(null=True, default=None)
    day_ends_ms = BigInt(default=0)
    turn_ms = BigInt(default=0)


class ProviderHold(Table, tablename="provider_hold"):
    """Until when no job goes to a provider, for all athletes (`athlete_id` is empty) or for one; with
    `spares_live`, no job but the live ones."""

    id = Varchar(length=90, primary_key=True)
    provider = Varchar(length=40)
    athlete_id = Varchar(length=40)
    code = Varchar(length=20)
    reason = Text()
    until_ms = BigInt()
    spares_live = Integer(default=0)


class Circuit(Table, tablename="circuit"):
    """How the calls to one host of a provider go: failures of the present window, and whether it is open."""

    id = Varchar(length=300, primary_key=True)
    provider = Varchar(length=40)
    host = Varchar(length=255)
    state = Varchar(length=10, default="closed")
    calls = Integer(default=0)
    failures = Integer(default=0)
    window_ms = BigInt(default=0)
    opened_ms = BigInt(null=True, default=None)
    probe_ms = BigInt(null=True, default=None)
    reason = Text(default="")


class Change(Table, tablename="change"):
    """The change feed: what changed, in the order of (`xid`, `seq`): see `services/sync/read_changes.py`.

    `xid` is the writing transaction on PostgreSQL, where numbers are handed out in another order than
    transactions end; 0 on SQLite, which has one writer at a time.
    """

    seq = BigSerial(primary_key=True)
    athlete_id = Varchar(length=40)
    collection = Varchar(length=40)
    entity_id = Varchar(length=40)
    operation = Varchar(length=10)
    created_ms = BigInt()
    xid = BigInt(default=0)


class Erasure(Table, tablename="erasure"):
    """The receipt of an athlete's erasure. Nothing in it tells who it was.

    `deleted`: rows by table; `providers`: what each of them answered; both as JSON.
    """

    id = Varchar(length=40, primary_key=True)
    platform_id = Varchar(length=40)
    deleted = Text(default="{}")
    files = Integer(default=0)
    providers = Text(default="[]")
    erased_ms = BigInt()


class SavedRace(Table, tablename="race"):
    """A race on an athlete's calendar. `source_key` is the digest of who knows it by which name."""

    id = Varchar(length=40, primary_key=True)
    athlete_id = Varchar(length=40)
    source_key = Varchar(length=64, null=True, default=None)
    date = Varchar(length=10)
    document = Text()
    sources = Text(default="[]")
    course = Text(default="")
    created_ms = BigInt()
    updated_ms = BigInt()


class WeatherHour(Table, tablename="weather_hour"):
    """One hour at one rounded place, as a provider told it at `issued_ms`. The id is made of both.

    `conditions` is empty for an hour that the provider didn't know: it isn't asked for again at once.
    """

    id = Varchar(length=60, primary_key=True)
    provider = Varchar(length=40)
    #: Of then: a provider's source, and with it its licence, may be changed by its settings.
    attribution = Varchar(length=200, default="")
    hour_ms = BigInt()
    issued_ms = BigInt()
    conditions = Text(default="")


class ActivityMeasure(Table, tablename="activity_measure"):
    """What takes a whole series to compute, kept by activity (its id). `basis` tells of which statements."""

    id = Varchar(length=40, primary_key=True)
    athlete_id = Varchar(length=40, index=True)
    basis = Varchar(length=64)
    document = Text()


TABLES: tuple[type[Table], ...] = (
    Platform,
    ApiKey,
    Athlete,
    Connection,
    Authorization,
    Workout,
    WorkoutRevision,
    Export,
    Attempt,
    Job,
    ProviderHold,
    Circuit,
    Change,
    *INBOUND_TABLES,
    SavedRace,
    WeatherHour,
    ActivityMeasure,
    Erasure,
)
