"""The server's log: one JSON object a line on stderr, for requests and for trouble alike."""

from __future__ import annotations

import logging
import time
from typing import Final

from odmd.texts import harmless_json

LOGGERS: Final = ("odmd", "uvicorn.error", "opentelemetry")


class JsonLines(logging.Formatter):
    """`time`, `level`, `logger`, `message`; a request's fields in place of the message; `trace` of what broke."""

    def format(self, record: logging.LogRecord) -> str:
        fields: object = getattr(record, "fields", None)
        said = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            **(fields if isinstance(fields, dict) else {"message": record.getMessage()}),
        }
        if record.exc_info:
            said["trace"] = self.formatException(record.exc_info)
        return harmless_json(said)


def log_to_stderr(access: logging.Logger) -> None:
    """Trouble from everywhere, and every request."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    for name in LOGGERS:
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.setLevel(logging.WARNING)
        logger.propagate = False
    access.setLevel(logging.INFO)
