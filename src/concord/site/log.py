"""What the web server writes to its log, on standard error: one line for what a stranger can cause at will."""

import logging

_BY_STRANGERS = "django.security.DisallowedHost"  # an unknown Host header


def set_up() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger(_BY_STRANGERS).addFilter(without_trace)


def without_trace(record: logging.LogRecord) -> bool:
    """Makes it a warning of one line: nobody can do anything about it here, and it must not fill the disk."""
    record.exc_info = record.exc_text = None
    record.levelno, record.levelname = logging.WARNING, "WARNING"
    return True
