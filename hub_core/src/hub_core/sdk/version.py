"""The version of the plugin API, and whether a plugin fits it. The policy is in docs/plugin-api.md."""

from __future__ import annotations

import re

#: `major.minor`. A minor version only adds; a major one may take away what was deprecated before.
API_VERSION = "1.0"
_FORM = re.compile(r"(\d+)\.(\d+)", re.ASCII)


def explain_incompatibility(plugin: str, wanted: str) -> str:
    """Why a plugin written for API version `wanted` can't be loaded; empty when it can."""
    match = _FORM.fullmatch(wanted)
    if match is None:
        return f"{plugin} names the plugin API version {wanted!r}; it is written like {API_VERSION}"
    major, minor = int(match[1]), int(match[2])
    our_major, our_minor = map(int, API_VERSION.split("."))
    said = f"{plugin} is written for plugin API {wanted}, and this hub has {API_VERSION}"
    if major < our_major:
        return f"{said}: upgrade the plugin; docs/plugin-api.md lists what changed"
    if (major, minor) > (our_major, our_minor):
        return f"{said}: upgrade hub-core"
    return ""
