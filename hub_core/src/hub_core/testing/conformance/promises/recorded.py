"""What a real provider once answered is still understood, and nothing personal is in the record of it."""

from __future__ import annotations

from hub_core.errors import HubError
from hub_core.testing.conformance.bench import Bench, Subject
from hub_core.testing.conformance.case import Broken, Tier, case, expect
from hub_core.testing.recordings import (
    Recording,
    Replayed,
    applicable_scenarios,
    find_leaks,
    find_recordings,
    read_recording,
    replay,
)


def has_recordings(subject: Subject) -> bool:
    """Plugins that bring recordings: `tests/recordings` beside the source, or `recordings` in the package."""
    return bool(find_recordings(subject.plugin))


def _recordings(bench: Bench) -> list[Recording]:
    try:
        return [read_recording(path) for path in find_recordings(bench.subject.plugin)]
    except HubError as error:
        raise Broken(error.message) from error


async def _replayed(bench: Bench) -> list[Replayed]:
    able = applicable_scenarios(bench.manifest)
    recordings = [recording for recording in _recordings(bench) if recording.scenario in able]
    return [await replay(bench.subject.plugin, recording) for recording in recordings]


@case(
    "recorded.readable",
    Tier.PLATINUM,
    reason="a recording that is skipped in silence proves nothing",
    hint="record again with `hub record NAME`; delete what the plugin has no hooks for",
    needs=(has_recordings,),
)
async def _readable(bench: Bench) -> None:
    able = applicable_scenarios(bench.manifest)
    for recording in _recordings(bench):
        whose = f"the recording {recording.scenario!r} is of {recording.provider}"
        expect(recording.provider == bench.manifest.name, whose)
        expect(recording.scenario in able, f"the plugin has no hooks for the scenario {recording.scenario!r}")
        expect(recording.exchanges, f"the recording {recording.scenario!r} is empty")


@case(
    "recorded.nothing_personal",
    Tier.PLATINUM,
    reason="recordings are committed and published, and somebody's account answered in them",
    hint="record again with `hub record NAME`, which redacts; don't edit the files by hand",
    needs=(has_recordings,),
)
async def _nothing_personal(bench: Bench) -> None:
    for recording in _recordings(bench):
        for leak in find_leaks(recording):
            raise Broken(f"{recording.scenario}: {leak}")


@case(
    "recorded.requests",
    Tier.PLATINUM,
    reason="what was never asked was never answered: only the recorded requests are known to work",
    hint="record again with `hub record NAME`, or ask as before; take days and times from the arguments",
    needs=(has_recordings,),
)
async def _requests(bench: Bench) -> None:
    for result in await _replayed(bench):
        expect(not result.unknown, result.problem)


@case(
    "recorded.answers",
    Tier.PLATINUM,
    reason="the sandbox is our own idea of the provider; these are the provider's own words",
    hint="run `hub diff NAME`: it shows which field is read as something else than it is",
    needs=(has_recordings,),
)
async def _answers(bench: Bench) -> None:
    for result in await _replayed(bench):
        expect(result.unknown or not result.problem, result.problem)
