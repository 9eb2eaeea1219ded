"""Logging of a process: one line an event, as text or JSON, with secrets taken out at the very end."""

from __future__ import annotations

import datetime as dt
import logging
import logging.config

import msgspec

from hub_core.sdk.redaction import redact
from hub_core.services.operating.log_ids import LOG_IDS


class RedactingFormatter(logging.Formatter):
    """Redacts the finished line, exception texts included, so that no logger can forget to.

    At its end stand the ids of what it is about.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line without anything that looks like a credential."""
        about = " ".join(f"{name}={value}" for name, value in LOG_IDS.get().items())
        return redact(super().format(record) + (f" [{about}]" if about else ""))


class JsonFormatter(logging.Formatter):
    """A JSON object a line: `time`, `level`, `logger`, `message`, `exception`, and the ids."""

    def format(self, record: logging.LogRecord) -> str:
        """Each text is redacted by itself, so that the line stays JSON."""
        line = {
            "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **LOG_IDS.get(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return msgspec.json.encode({name: redact(value) for name, value in line.items()}).decode()


def set_up_logging(level: str, form: str = "text") -> None:
    """Log to stderr. Libraries that would write whole URLs or every poll are told to be quiet."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "text": {
                    "()": RedactingFormatter,
                    "format": "%(asctime)s %(levelname)-7s %(name)s: %(message)s",
                },
                "json": {"()": JsonFormatter},
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": form}},
            "root": {"level": level, "handlers": ["stderr"]},
            "loggers": {
                # httpx logs full URLs at INFO, and some providers put secrets there.
                "httpx": {"level": "WARNING"},
                "httpcore": {"level": "WARNING"},
                "dramatiq": {"level": "WARNING"},
                "asyncio": {"level": "WARNING"},
            },
        }
    )
