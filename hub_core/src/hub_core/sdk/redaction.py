"""Keeps secrets out of everything that is written."""

from __future__ import annotations

import re
from collections.abc import Iterable

MASK = "[redacted]"

#: Credentials by the shape they have in URLs, headers and JSON, for text whose secrets aren't known.
_SHAPES = re.compile(
    r"""(?ix)
    ( \b (?:bearer|basic) \s+
    | \b (?:access_token|refresh_token|client_secret|code_verifier|api_key|password|secret|token)
      ["']? \s* [=:] \s* ["']?
    | [?&] code =
    )
    ( [^\s"'&,;}]{4,} )
    """
)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` without the given secrets and without anything that looks like a credential."""
    for secret in sorted(secrets, key=len, reverse=True):
        if secret:
            text = text.replace(secret, MASK)
    return _SHAPES.sub(lambda match: match.group(1) + MASK, text)
