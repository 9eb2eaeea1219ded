"""The harness that sandboxes are built on. Needs the extra `server`."""

from hub_core.sandbox.activity_file import write_activity_file
from hub_core.sandbox.athlete_wish import EDITED_STEP_S, AthleteWish
from hub_core.sandbox.call import Answer, Call, Refusal, endpoint
from hub_core.sandbox.clock import SandboxClock
from hub_core.sandbox.device import DeviceScreen, DeviceWorkout
from hub_core.sandbox.faults import Fault, FaultKind
from hub_core.sandbox.oauth_server import CLIENT_ID, CLIENT_SECRET, Grant, OAuthError, OAuthServer, Rotation
from hub_core.sandbox.phone import sync_phone
from hub_core.sandbox.rate_limits import Usage
from hub_core.sandbox.recorded import RecordedActivity
from hub_core.sandbox.sandbox import DEFAULT_USER, Sandbox

__all__ = [
    "CLIENT_ID",
    "CLIENT_SECRET",
    "DEFAULT_USER",
    "EDITED_STEP_S",
    "Answer",
    "AthleteWish",
    "Call",
    "DeviceScreen",
    "DeviceWorkout",
    "Fault",
    "FaultKind",
    "Grant",
    "OAuthError",
    "OAuthServer",
    "RecordedActivity",
    "Refusal",
    "Rotation",
    "Sandbox",
    "SandboxClock",
    "Usage",
    "endpoint",
    "sync_phone",
    "write_activity_file",
]
