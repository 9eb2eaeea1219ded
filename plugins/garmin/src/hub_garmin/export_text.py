"""The texts of a workout, cut to Garmin's lengths, and what is lost by that."""

from __future__ import annotations

from hub_core.sdk import Fidelity, Loss

_ELLIPSIS = "..."  # three plain dots: older devices lack the character


def join_texts(*texts: str) -> str:
    """The texts that are there, in one line: `Hill - RPE 7 - stay tall`."""
    return " - ".join(text.strip() for text in texts if text.strip())


def cut_text(text: str, longest: int, feature: str) -> tuple[str, tuple[Loss, ...]]:
    """`text` in at most `longest` characters, and the loss if it had more."""
    if len(text) <= longest:
        return text, ()
    loss = Loss(
        feature,
        Fidelity.DEGRADED,
        reason=f"Garmin takes {longest} characters here, and these are {len(text)}",
        becomes=f"the first {longest - len(_ELLIPSIS)} characters",
        suggestion=f"shorten it by {len(text) - longest} characters",
    )
    return text[: longest - len(_ELLIPSIS)] + _ELLIPSIS, (loss,)
