"""A plugin that doesn't wait, or waits by itself, is caught: one broken plugin for each case."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from hub_core.sdk import (
    CompiledWorkout,
    ProviderContext,
    ProviderCopy,
    ProviderError,
    Receipt,
    ReconnectNeeded,
    Rejected,
    RetryLater,
    TokenSet,
)
from hub_core.testing.conformance import CASES

Break = Callable[[SimpleNamespace], Any]


def replaced(hook: str, wrong: Callable[..., Any]) -> Break:
    """The fake with another function for a hook, which is given the real one first."""

    def change(fake: SimpleNamespace) -> None:
        real = getattr(fake, hook)
        setattr(fake, hook, functools.wraps(real)(functools.partial(wrong, real)))

    return change


def classifying(name_error: Callable[[httpx.Response], ProviderError | None]) -> Break:
    """An export that names the errors of its one call by itself."""

    async def send(real: Any, context: ProviderContext, compiled: CompiledWorkout) -> Receipt:
        path = f"/workouts/{context.reference}"
        await context.http.request("PUT", path, json=compiled.payload, classify=name_error)
        return Receipt({"workout_id": context.reference}, context.reference)

    return replaced("export_workout", send)


def wait_a_second(response: httpx.Response) -> ProviderError | None:
    return RetryLater("busy", after_s=1) if response.status_code in {429, 503} else None


def wait_for_a_number(response: httpx.Response) -> ProviderError | None:
    said = response.headers.get("retry-after", "")
    return RetryLater("busy", after_s=float(said or 0))


def wait_for_what_is_said(response: httpx.Response) -> ProviderError | None:
    return RetryLater("busy", after_s=float(response.headers["retry-after"]))


def wait_for_any_number(response: httpx.Response) -> ProviderError | None:
    try:
        return RetryLater("busy", after_s=float(response.headers["retry-after"]))
    except ValueError:
        return RetryLater("busy")


def refuse_what_is_below_500(response: httpx.Response) -> ProviderError | None:
    return Rejected("no") if 400 <= response.status_code < 500 else None


async def refuse_every_refresh(real: Any, context: ProviderContext) -> TokenSet:
    try:
        return await real(context)
    except ProviderError as error:
        raise ReconnectNeeded(error.message) from error


async def see_nothing(real: Any, context: ProviderContext, receipt: Receipt) -> ProviderCopy:
    try:
        return await real(context, receipt)
    except ProviderError:
        return ProviderCopy(False)


async def refuse_a_withdrawal(real: Any, context: ProviderContext, receipt: Receipt) -> None:
    try:
        await real(context, receipt)
    except RetryLater as error:
        raise Rejected(error.message) from error


async def try_twice(real: Any, context: ProviderContext, compiled: CompiledWorkout) -> Receipt:
    try:
        return await real(context, compiled)
    except RetryLater:
        return await real(context, compiled)


def send_under_new_names() -> Break:
    numbers = itertools.count()

    async def send(real: Any, context: ProviderContext, compiled: CompiledWorkout) -> Receipt:
        name = f"try-{next(numbers)}"
        await context.http.request("PUT", f"/workouts/{name}", json=compiled.payload)
        await context.http.request("GET", f"/workouts/{name}")
        return Receipt({"workout_id": name}, name)

    return replaced("export_workout", send)


BREAKS: dict[str, Break] = {
    "limits.seconds": classifying(wait_a_second),
    "limits.http_date": classifying(wait_for_a_number),
    "limits.no_header": classifying(wait_for_what_is_said),
    "limits.nonsense": classifying(wait_for_any_number),
    "limits.refresh": replaced("refresh_token", refuse_every_refresh),
    "limits.every_call": replaced("read_back_workout", see_nothing),
    "limits.server_errors": replaced("withdraw_workout", refuse_a_withdrawal),
    "limits.timed_out": classifying(refuse_what_is_below_500),
    "limits.unavailable": classifying(wait_a_second),
    "limits.not_retried": replaced("export_workout", try_twice),
    "limits.midway": send_under_new_names(),
}


@pytest.mark.parametrize("case_id", BREAKS)
def test_the_kit_catches_it(case_id: str, fake: SimpleNamespace, assert_caught: Any) -> None:
    BREAKS[case_id](fake)
    assert_caught(case_id)


def test_every_case_of_the_group_is_broken_once() -> None:
    assert set(BREAKS) == {case.id for case in CASES.values() if case.group == "limits"}
