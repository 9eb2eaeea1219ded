"""The tables of what comes in. Raw content is sealed; observations are only ever added."""

from __future__ import annotations

from piccolo.columns import BigInt, Boolean, Bytea, Integer, Text, Varchar
from piccolo.table import Table


class StoredDelivery(Table, tablename="delivery"):
    """One raw statement of a provider as it came, sealed in `content` (and `file`).

    `way`: `webhook`, `poll`, `backfill` or `phone`. `identity` is the digest of connection and key: what is
    repeated finds its row. `state`: `waiting`, `done`, `failed`, `dropped`. `answer` is what a phone was
    told, and `body_digest` is of what it sent: the same key has the same answer.
    """

    id = Varchar(length=40, primary_key=True)
    provider = Varchar(length=40)
    connection_id = Varchar(length=40)
    athlete_id = Varchar(length=40, index=True)
    way = Varchar(length=20)
    kind = Varchar(length=100)
    identity = Varchar(length=64)
    content = Bytea(null=True, default=None)
    file = Bytea(null=True, default=None)
    file_state = Varchar(length=20, default="")
    state = Varchar(length=20, default="waiting")
    reason = Text(default="")
    received_ms = BigInt()
    done_ms = BigInt(null=True, default=None)
    body_digest = Varchar(length=64, default="")
    answer = Text(default="")


class Observation(Table, tablename="observation"):
    """What one source said about one record, never changed afterwards.

    Of the rows with one (`kind`, `source`, `external_id`) the highest `version` stands; among equal ones that
    of the highest `digest`, so that the order of arrival decides nothing. `source` is a provider's name,
    `file` for files of people, `athlete` for what they say themselves. `document` is the record of
    `hub_core.domain.records` as JSON; a series in it names its columns only, they lie compressed beside it.
    `date` is the local one; of a deletion, nothing but its identity is known. `metric` is a sample's.
    `echo_of` names the statement that an activity passes on (`garmin/123`), `file_digest` the file it is of.
    """

    id = Varchar(length=40, primary_key=True)
    athlete_id = Varchar(length=40)
    kind = Varchar(length=20)
    source = Varchar(length=40)
    external_id = Varchar(length=200)
    version = BigInt()
    is_deleted = Boolean(default=False)
    metric = Varchar(length=40, default="")
    date = Varchar(length=10)
    start_ms = BigInt()
    end_ms = BigInt()
    echo_of = Varchar(length=250, default="")
    file_digest = Varchar(length=64, default="")
    document = Text(default="")
    series = Bytea(null=True, default=None)
    digest = Varchar(length=64)
    delivery_id = Varchar(length=40, default="")
    received_ms = BigInt()


class StoredActivity(Table, tablename="activity"):
    """An activity as the API shows it: computed from `members`, the observations behind it.

    `merged_into` names the activity that has taken this one in. `workout_id`: what was planned.
    """

    id = Varchar(length=40, primary_key=True)
    athlete_id = Varchar(length=40)
    members = Text(default="[]")
    document = Text(default="")
    date = Varchar(length=10)
    start_ms = BigInt()
    end_ms = BigInt()
    workout_id = Varchar(length=40, null=True, default=None)
    deleted = Boolean(default=False)
    merged_into = Varchar(length=40, null=True, default=None)
    created_ms = BigInt()
    updated_ms = BigInt()


class Day(Table, tablename="day"):
    """A day's health, its night or its nutrition (`kind`), as the API shows it: computed."""

    id = Varchar(length=40, primary_key=True)
    athlete_id = Varchar(length=40)
    kind = Varchar(length=20)
    date = Varchar(length=10)
    document = Text(default="")
    deleted = Boolean(default=False)
    created_ms = BigInt()
    updated_ms = BigInt()


class Rule(Table, tablename="rule"):
    """A decision about merging: an order of sources, a split, a join, a pin. Undone, not deleted."""

    id = Varchar(length=40, primary_key=True)
    athlete_id = Varchar(length=40, index=True)
    kind = Varchar(length=20)
    document = Text()
    created_ms = BigInt()
    undone_ms = BigInt(null=True, default=None)


class Feed(Table, tablename="feed"):
    """What is heard of one connection (`id` is the connection's), and whether polling has taken over."""

    id = Varchar(length=40, primary_key=True)
    athlete_id = Varchar(length=40)
    provider = Varchar(length=40)
    state = Varchar(length=20)
    reason = Text(default="")
    webhook_ms = BigInt(null=True, default=None)
    poll_ms = BigInt(null=True, default=None)
    polled_until_ms = BigInt(null=True, default=None)
    poll_error = Text(default="")
    updated_ms = BigInt()


class Backfill(Table, tablename="backfill"):
    """History that is fetched window by window, the newest first; `next_date` is where it goes on."""

    id = Varchar(length=40, primary_key=True)
    athlete_id = Varchar(length=40, index=True)
    connection_id = Varchar(length=40)
    provider = Varchar(length=40)
    start_date = Varchar(length=10)
    end_date = Varchar(length=10)
    next_date = Varchar(length=10)
    state = Varchar(length=20)
    reason = Text(default="")
    deliveries = Integer(default=0)
    created_ms = BigInt()
    updated_ms = BigInt()


class Mutation(Table, tablename="mutation"):
    """What became of an offline client's operation. The id is a digest of athlete, client and its own id."""

    id = Varchar(length=64, primary_key=True)
    athlete_id = Varchar(length=40, index=True)
    body_digest = Varchar(length=64)
    result = Text()
    created_ms = BigInt()


INBOUND_TABLES: tuple[type[Table], ...] = (
    StoredDelivery,
    Observation,
    StoredActivity,
    Day,
    Rule,
    Feed,
    Backfill,
    Mutation,
)
