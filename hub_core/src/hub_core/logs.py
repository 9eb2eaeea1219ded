"""Logging of a process: one line an event, with secrets taken out at the very end."""

from __future__ import annotations

import logging
import logging.config

from hub_core.sdk.redaction import redact


class RedactingFormatter(logging.Formatter):
    """Redacts the finished line, exception texts included, so that no logger can forget to."""

    def format(self, record: logging.LogRecord) -> str:
        """The line without anything that looks like a credential."""
        return redact(super().format(record))


def set_up_logging(level: str) -> None:
    """Log to stderr. Libraries that would write whole URLs or every poll are told to be quiet."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "line": {
                    "()": RedactingFormatter,
                    "format": "%(asctime)s %(levelname)-7s %(name)s: %(message)s",
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
            "root": {"level": level, "handlers": ["stderr"]},
            "loggers": {
                # httpx logs full URLs at INFO, and some providers put secrets there.
                "httpx": {"level": "WARNING"},
                "httpcore": {"level": "WARNING"},
                "dramatiq": {"level": "WARNING"},
                "asyncio": {"level": "WARNING"},
                "aiosqlite": {"level": "WARNING"},
            },
        }
    )
