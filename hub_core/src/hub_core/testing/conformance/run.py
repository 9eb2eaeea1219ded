"""Runs the kit over a plugin, and computes the tier that it reaches."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hub_core.sdk.redaction import redact
from hub_core.testing.conformance.bench import Bench, Subject
from hub_core.testing.conformance.case import CASES, Broken, Case, Tier

#: A case that takes longer has found a plugin that hangs.
CASE_TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Result:
    """How one case went; `evidence` is empty for one that holds."""

    case: Case
    evidence: str = ""

    @property
    def holds(self) -> bool:
        """Whether the promise is kept."""
        return not self.evidence

    def explain(self) -> str:
        """The rule, the evidence and the smallest fix."""
        return f"{self.case.id}: {self.evidence}\n  why: {self.case.reason}\n  fix: {self.case.hint}"


@dataclass(frozen=True)
class Report:
    """All results of one plugin."""

    provider: str
    claimed: Tier | None
    results: tuple[Result, ...]

    @property
    def tier(self) -> Tier | None:
        """The highest tier whose cases hold, with those of all tiers below; None without bronze."""
        return compute_tier({result.case.id: result.holds for result in self.results})

    @property
    def complaint(self) -> str:
        """What is wrong with the tier that the manifest claims; empty when it is what was computed."""
        return compare_tiers(self.claimed, self.tier)

    @property
    def broken(self) -> tuple[Result, ...]:
        """The results of the promises that are not kept."""
        return tuple(result for result in self.results if not result.holds)


def is_beyond(tier: Tier, claimed: Tier | None) -> bool:
    """Whether a tier is above the one that a manifest claims, so that its cases need not hold."""
    tiers = list(Tier)
    return claimed is not None and tiers.index(tier) > tiers.index(claimed)


def compute_tier(holds: dict[str, bool]) -> Tier | None:
    """The tier for cases by id; those that don't apply are not in it."""
    reached = None
    for tier in Tier:
        if not all(held for id_, held in holds.items() if CASES[id_].tier is tier):
            return reached
        reached = tier
    return reached


def compare_tiers(claimed: Tier | None, computed: Tier | None) -> str:
    """Why a claimed tier can't stand; empty when it can. A plugin that claims none is left alone."""
    if claimed is None or claimed is computed:
        return ""
    reached = f"the kit computes {computed}" if computed else "the kit computes no tier"
    return f"the manifest claims {claimed}, and {reached}: set tier={computed and f'Tier.{computed.name}'}"


def applicable_cases(plugin: Any, only: str = "") -> list[Case]:
    """The promises that a plugin makes by its manifest, whose ids begin with `only`, in the kit's order."""
    subject = Subject(plugin)
    return [case for case in CASES.values() if case.id.startswith(only) and case.applies(subject)]


async def run_case(case: Case, plugin: Any) -> Result:
    """Run one case against a new sandbox."""
    try:
        async with asyncio.timeout(CASE_TIMEOUT_S), Bench(plugin) as bench:
            await case.check(bench)
    except Broken as broken:
        return Result(case, redact(str(broken)))
    except TimeoutError:
        return Result(case, f"no end within {CASE_TIMEOUT_S:.0f} s")
    except Exception as error:  # noqa: BLE001 (whatever a plugin raises is what the case has found)
        text = redact(" ".join(str(error).split()))[:300]
        return Result(case, f"{type(error).__name__}: {text}")
    return Result(case)


async def check_provider(
    plugin: Any, on_result: Callable[[Result], None] | None = None, *, only: str = ""
) -> Report:
    """Run all cases that apply, or those whose ids begin with `only`, one after the other."""
    results = []
    for case in applicable_cases(plugin, only):
        result = await run_case(case, plugin)
        results.append(result)
        if on_result is not None:
            on_result(result)
    manifest = plugin.provider_manifest()
    return Report(manifest.name, manifest.tier, tuple(results))
