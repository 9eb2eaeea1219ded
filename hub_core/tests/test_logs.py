"""Lines of the log: text or JSON, with the ids of what they are about, and without secrets."""

from __future__ import annotations

import io
import logging

import msgspec
import pytest

from hub_core.logs import JsonFormatter, RedactingFormatter
from hub_core.services.operating.log_ids import LOG_IDS

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"


def write(formatter: logging.Formatter) -> str:
    """What two lines look like."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    log = logging.getLogger("hub_core.test")
    log.addHandler(handler)
    token = LOG_IDS.set({"job": "job_1", "subject": "exp_1"})
    try:
        raise ValueError(f"Authorization: Bearer {TOKEN}")
    except ValueError:
        log.exception("failed with Bearer %s", TOKEN)
    finally:
        LOG_IDS.reset(token)
    log.warning('second "line"\nwith a line end')
    log.removeHandler(handler)
    return stream.getvalue()


@pytest.mark.parametrize("formatter", [RedactingFormatter(), JsonFormatter()])
def test_no_secret_is_written(formatter: logging.Formatter) -> None:
    assert TOKEN not in write(formatter)


def test_json_is_one_object_a_line_with_the_ids() -> None:
    first, second = (msgspec.json.decode(line) for line in write(JsonFormatter()).splitlines())
    assert (first["level"], first["logger"]) == ("ERROR", "hub_core.test")
    assert (first["job"], first["subject"]) == ("job_1", "exp_1")
    assert "ValueError" in first["exception"]
    assert second["message"] == 'second "line"\nwith a line end'
    assert "job" not in second


def test_text_ends_with_the_ids() -> None:
    assert "[job=job_1 subject=exp_1]" in write(RedactingFormatter())
