"""Record and replay: redacted exchanges with a real provider, for the conformance kit to run again.

`hub record acme` makes them, `hub diff acme` says where the provider's answers have drifted.
"""

from hub_core.testing.recordings.drift import Change, Drift, compare_recordings, compare_with_schemas
from hub_core.testing.recordings.leaks import LeakError, check_for_leaks, find_leaks
from hub_core.testing.recordings.record import Made, Recorder, write_recording
from hub_core.testing.recordings.recording import (
    Exchange,
    Inputs,
    Recording,
    find_recordings,
    read_recording,
    read_recordings,
    recordings_folder,
    to_text,
)
from hub_core.testing.recordings.redaction import Harmless, redact_recording
from hub_core.testing.recordings.replay import Replayed, replay
from hub_core.testing.recordings.scenarios import NAMES, applicable_scenarios
from hub_core.testing.recordings.source import PluginSource

__all__ = [
    "NAMES",
    "Change",
    "Drift",
    "Exchange",
    "Harmless",
    "Inputs",
    "LeakError",
    "Made",
    "PluginSource",
    "Recorder",
    "Recording",
    "Replayed",
    "applicable_scenarios",
    "check_for_leaks",
    "compare_recordings",
    "compare_with_schemas",
    "find_leaks",
    "find_recordings",
    "read_recording",
    "read_recordings",
    "recordings_folder",
    "redact_recording",
    "replay",
    "to_text",
    "write_recording",
]
