"""The two pages of a sandbox for people: consent, and the device's screen."""

from __future__ import annotations

from html import escape

from hub_core.sandbox.device import DeviceScreen, DeviceWorkout

_STYLE = """
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem}
.badge{font-size:.75rem;letter-spacing:.08em;text-transform:uppercase;color:#a15c00}
.card{border:1px solid #8884;border-radius:.75rem;padding:1rem 1.25rem;margin:1rem 0}
h1{margin:.2rem 0 1rem}h2{margin:0;font-size:1.1rem}small{opacity:.7}
ol{margin:.6rem 0 0;padding-left:1.4rem}li.in{margin-left:1.5rem}
label{display:block;margin:.3rem 0}button{font:inherit;padding:.5rem 1.2rem;margin-right:.5rem}
"""


def _page(title: str, body: str) -> str:
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(title)}</title>"
        f"<meta name=viewport content='width=device-width'><style>{_STYLE}</style>"
        f"<div class=badge>Sandbox</div>{body}</html>"
    )


def consent_page(title: str, scopes: tuple[str, ...], hidden: dict[str, str]) -> str:
    """A form that asks the athlete to allow or deny; each scope can be unticked."""
    fields = "".join(
        f"<input type=hidden name='{escape(k, quote=True)}' value='{escape(v, quote=True)}'>"
        for k, v in hidden.items()
    )
    names = [escape(scope, quote=True) for scope in scopes]
    boxes = "".join(
        f"<label><input type=checkbox name=granted value='{name}' checked> {name}</label>" for name in names
    )
    form = (
        f"<form method=post class=card>{fields}"
        "<label>Signed in as <input name=user value='athlete-1'></label>"
        f"{boxes}<p><button name=decision value=allow>Allow</button>"
        "<button name=decision value=deny>Deny</button></form>"
    )
    return _page(f"Connect {title}", f"<h1>Connect to {escape(title)}?</h1>{form}")


def device_page(screen: DeviceScreen, *, can_do: bool = False) -> str:
    """The device's calendar as a page; `can_do`: each workout has a button that does it."""
    button = _do_button(screen.user) if can_do else ""
    cards = (
        "".join(_card(workout, button) for workout in screen.workouts) or "<p>No workouts on this device.</p>"
    )
    return _page(screen.device, f"<h1>{escape(screen.device)}</h1>{cards}")


def _do_button(user: str) -> str:
    return (
        "<form method=post action='/sandbox/done'>"
        f"<input type=hidden name=user value='{escape(user, quote=True)}'>"
        "<input type=hidden name=external_id value='{}'><p><button>Do it now</button></form>"
    )


def _card(workout: DeviceWorkout, button: str) -> str:
    lines = "".join(
        f"<li{' class=in' if line.startswith(' ') else ''}>{escape(line.strip())}</li>"
        for line in workout.lines
    )
    note = f"<p><small>{escape(workout.note)}</small></p>" if workout.note else ""
    return (
        f"<div class=card><h2>{escape(workout.title)}</h2>"
        f"<small>{workout.date:%A %d %B} · {escape(workout.sport)}</small>{note}<ol>{lines}</ol>"
        f"{button.replace('{}', escape(workout.external_id, quote=True))}</div>"
    )
