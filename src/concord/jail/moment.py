"""Times out of what files say, in one form (ISO 8601): "2026-03-01T10:20:30+01:00", "...Z", and without either where the
file does not say how far the clock was from UTC: that time is local, and nobody knows where."""

import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

FIRST_YEAR = 1826  # of the first photograph
# Where clocks begin to count: a camera or a program that says so had none.
NEVER_SET = frozenset({"1899-12-30", "1904-01-01", "1970-01-01", "1980-01-01"})
MOST_MINUTES_OFF = 14 * 60  # from UTC, anywhere

_DATE = r"(\d{4})[-:/](\d\d)[-:/](\d\d)"
_TIME = r"(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?"
_OFFSET = r"(Z|[+-]\d\d:?\d\d)"
_MOMENT = re.compile(rf"{_DATE}(?:[T ]+{_TIME} ?{_OFFSET}?)?", re.ASCII)
_PARTS = re.compile(r"\d{1,9}", re.ASCII)
_OFFSET_ALONE = re.compile(_OFFSET, re.ASCII)
_BARE_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_BARE_TIME = re.compile(r"(\d\d)(\d\d)(\d\d)([+-]\d{4})?", re.ASCII)


@lru_cache(maxsize=512)  # the same stands in a file several times
def moment(text: str) -> str | None:
    """Of EXIF ("2026:03:01 10:20:30", with an offset and parts of a second if they were put behind it) and XMP
    ("2026-03-01T10:20:30+01:00", or less of it, down to the day). None: no such time, or a clock never set."""
    found = _MOMENT.fullmatch(text.strip())
    if not found:
        return None
    year, month, day, hour, minute, second, parts, offset = found.groups()
    date = f"{year}-{month}-{day}"
    if hour is None:
        return date if _is_real(date, "00:00:00") else None
    time = f"{hour}:{minute}:{second or '00'}"
    if not _is_real(date, time):
        return None
    parts = (parts or "").rstrip("0")
    return f"{date}T{time if second else time[:5]}{'.' if parts else ''}{parts}{_offset(offset)}"


def exif_moment(text: str, parts: str | None, offset: str | None) -> str | None:
    """EXIF keeps the parts of a second and the offset under tags of their own. What is no number or offset counts as not
    recorded."""
    if parts and _PARTS.fullmatch(parts.strip()):
        text = f"{text.strip()}.{parts.strip()}"
    if offset and _OFFSET_ALONE.fullmatch(offset.strip()):
        text = text.strip() + offset.strip()
    return moment(text)


def iptc_moment(date: str, time: str | None) -> str | None:
    """IPTC: "20260301" and "102030+0100"."""
    found = _BARE_DATE.fullmatch(date.strip())
    if not found:
        return None
    day = "-".join(found.groups())
    clock = _BARE_TIME.fullmatch((time or "").strip())
    return moment(f"{day}T{':'.join(clock.groups()[:3])}{clock[4] or ''}" if clock else day)


def gps_moment(date: str, clock: Sequence[float]) -> str | None:
    """UTC: "2026:03:01", and hours, minutes and seconds."""
    if len(clock) != 3:
        return None
    hours, minutes, seconds = clock
    if not (0 <= hours < 24 and 0 <= minutes < 60 and 0 <= seconds < 60):  # so with what is no number
        return None
    # Whole seconds: what receivers add to that differs from their rounding only.
    return moment(f"{date.strip()} {int(hours):02}:{int(minutes):02}:{int(seconds):02}Z")


def _is_real(date: str, time: str) -> bool:
    try:
        real = datetime.fromisoformat(f"{date}T{time}")
    except ValueError:
        return False
    return real.year >= FIRST_YEAR and not (date in NEVER_SET and time == "00:00:00")


def _offset(text: str | None) -> str:
    """Empty: not recorded, or no place is that far from UTC."""
    if text is None or text == "Z":
        return text or ""
    hours, minutes = int(text[1:3]), int(text[-2:])
    if minutes >= 60 or 60 * hours + minutes > MOST_MINUTES_OFF:
        return ""
    return f"{text[0]}{hours:02}:{minutes:02}" if hours or minutes else "Z"
