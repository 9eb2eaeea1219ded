"""To which plugins a case applies."""

from __future__ import annotations

import datetime as dt

from hub_core.sdk.manifest import CreateSemantics, Operation
from hub_core.testing.conformance.bench import Subject
from hub_core.testing.conformance.case import Need
from hub_core.testing.conformance.plans import plain_plan
from hub_core.testing.strategies import KNOWN_ATHLETE


def has(operation: Operation) -> Need:
    """Plugins that declare an operation."""

    def need(subject: Subject) -> bool:
        return operation in subject.able.operations

    return need


exports = has(Operation.EXPORT)
updates = has(Operation.UPDATE)
withdraws = has(Operation.WITHDRAW)
reads_back = has(Operation.READ_BACK)
finds = has(Operation.FIND)
ingests = has(Operation.INGEST)
receives = has(Operation.RECEIVE_WEBHOOK)
polls = has(Operation.POLL)
searches_races = has(Operation.SEARCH_RACES)
forecasts = has(Operation.FORECAST)


def tells_meant(subject: Subject) -> bool:
    """Plugins that say in our own terms what they send, so that what is held can be compared with it."""
    if not exports(subject):
        return False
    plan = plain_plan(subject.able, dt.date(2030, 1, 1))
    compiled = subject.plugin.compile_workout(workout=plan, athlete=KNOWN_ATHLETE)
    return getattr(compiled, "meant", None) is not None


def sends(subject: Subject) -> bool:
    """Plugins that send workouts by calls of their own; from the others a phone fetches them."""
    return exports(subject) and subject.manifest.delivery == "push"


def is_fetched(subject: Subject) -> bool:
    """Plugins whose workouts a phone fetches: they compile, and call nobody."""
    return exports(subject) and subject.manifest.delivery == "pickup"


def is_fed_by_the_cloud(subject: Subject) -> bool:
    """Plugins whose provider has what was done. What only a phone has, it sends until answered."""
    return ingests(subject) and subject.manifest.delivery == "push"


def connects(subject: Subject) -> bool:
    """Plugins whose athletes connect, by OAuth or a key."""
    return subject.manifest.oauth2 is not None or subject.manifest.api_key is not None


def asks_as_app(subject: Subject) -> bool:
    """Plugins that the hub asks in its own name; nobody connects to them."""
    return subject.manifest.access == "app"


def fetches_token(subject: Subject) -> bool:
    """Those among them that need a token for it."""
    return asks_as_app(subject) and subject.has_hook("fetch_app_token")


def uses_oauth(subject: Subject) -> bool:
    """Plugins that connect by OAuth."""
    return subject.manifest.oauth2 is not None


def refreshes(subject: Subject) -> bool:
    """Plugins whose tokens can be refreshed."""
    return subject.manifest.oauth2 is not None and subject.manifest.oauth2.refreshable


def rotates(subject: Subject) -> bool:
    """Plugins whose provider hands out a new refresh token each time."""
    return refreshes(subject) and subject.manifest.oauth2 is not None and subject.manifest.oauth2.rotates


def revokes(subject: Subject) -> bool:
    """Plugins that can end a consent at the provider."""
    return subject.has_hook("revoke_token")


def proves_itself(subject: Subject) -> bool:
    """Plugins whose webhooks carry a signature or a token."""
    return subject.manifest.webhook_proof in ("signature", "token")


def signs(subject: Subject) -> bool:
    """Plugins whose webhooks are signed."""
    return subject.manifest.webhook_proof == "signature"


def can_repeat_create(subject: Subject) -> bool:
    """Plugins at whose provider a lost answer can be settled."""
    return sends(subject) and subject.able.create is not CreateSemantics.BLIND


def has_sandbox(subject: Subject) -> bool:
    """Plugins that bring a sandbox."""
    return subject.has_hook("provider_sandbox")


def is_fed_by_phones(subject: Subject) -> bool:
    """Plugins whose athletes' phones send what was done."""
    return ingests(subject) and subject.sandbox_can("phone_sends")


def takes_in(subject: Subject) -> bool:
    """Plugins to which what was done or measured finds a way."""
    return ingests(subject) and (receives(subject) or polls(subject) or is_fed_by_phones(subject))


def tells_activities(subject: Subject) -> bool:
    """Plugins from which activities come."""
    return subject.tells_activities


def deletes(subject: Subject) -> bool:
    """Plugins in whose sandbox an athlete can delete an activity."""
    return subject.sandbox_can("delete_activity")


def ends_consent(subject: Subject) -> bool:
    """Plugins in whose sandbox an athlete can end the consent at the provider."""
    return subject.sandbox_can("end_consent")


def tells_days(subject: Subject) -> bool:
    """Plugins in whose sandbox an athlete's day is measured."""
    return subject.sandbox_can("record_day")


def tells_nights(subject: Subject) -> bool:
    """Plugins in whose sandbox an athlete sleeps."""
    return subject.sandbox_can("record_night")


def tells_meals(subject: Subject) -> bool:
    """Plugins in whose sandbox an athlete eats."""
    return subject.sandbox_can("record_meals")


def subscribes(subject: Subject) -> bool:
    """Plugins that ask their provider for the webhooks of each athlete."""
    return receives(subject) and subject.has_hook("subscribe_webhooks")


def tells_addresses(subject: Subject) -> bool:
    """Plugins whose provider says where to fetch what was done."""
    return receives(subject) and subject.sandbox_can("tell_by_address")


def has_secret_path(subject: Subject) -> bool:
    """Plugins whose webhooks prove themselves by their address alone."""
    return subject.manifest.webhook_proof == "secret_path"


def tells_offset(subject: Subject) -> bool:
    """Plugins whose provider tells the athlete's own offset from UTC."""
    return has_sandbox(subject) and bool(subject.plugin.provider_sandbox().tells_offset)


def calls_out(subject: Subject) -> bool:
    """Plugins that call their provider at all."""
    # A phone fetches workouts, and brings with it all that is to be read.
    quiet = {
        Operation.RECEIVE_WEBHOOK,
        *([Operation.EXPORT, Operation.INGEST] if is_fetched(subject) else []),
    }
    return has_sandbox(subject) and bool(subject.able.operations - quiet)
