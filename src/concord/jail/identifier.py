"""Identifiers out of what files say: the same camera, lens or program is the same text, whoever wrote it, and what only
fills a field is no identifier at all."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from string import ascii_lowercase

MOST_CHARACTERS = 200  # what is longer is no identifier; cut, it would be that of something else

_LEFT_OUT = frozenset({"Cc", "Cf", "Cn", "Co", "Cs"})  # control signs, and signs that are none


def plain(text: str) -> str:
    """Unicode NFC, without control signs, every run of white space one space, none around it."""
    if not (text.isascii() and text.isprintable()):
        kept = (sign for sign in text if sign.isspace() or unicodedata.category(sign) not in _LEFT_OUT)
        text = unicodedata.normalize("NFC", "".join(kept))
    return " ".join(text.split())


# ---- what stands for nothing --------------------------------------------------------------------------------------

Shows = Callable[[str], bool]  # of the letters and digits of a text, folded


@dataclass(frozen=True, slots=True)
class Placeholder:
    reason: str
    shows: Shows
    only_numbers: bool = False  # of serials and ids: a maker may be called LG, and a model Q


FILLINGS = frozenset({
    "blank", "camera", "default", "deleted", "digitalcamera", "empty", "error", "fixme", "hidden", "invalid",
    "lens", "model", "na", "nan", "nil", "noname", "none", "notapplicable", "notavailable", "notdefined", "notset",
    "notspecified", "null", "number", "oem", "private", "removed", "sample", "serial", "serialno", "serialnumber",
    "sn", "string", "tbd", "tba", "test", "text", "tobefilledbyoem", "tobefilled", "unavailable", "undefined",
    "uninitialized", "unknown", "unset", "unspecified", "untitled",
})  # fmt: skip


_COUNTING = " ".join(
    (
        *(digits * (1 + MOST_CHARACTERS // 10) for digits in ("0123456789", "9876543210")),
        ascii_lowercase,
        ascii_lowercase[::-1],
    )
)


def _counts(letters: str) -> bool:
    """Up or down, of three at least, after 9 comes 0: 12345678, 1234567890, 987654321, abcdef."""
    return len(letters) > 2 and letters in _COUNTING


PLACEHOLDERS = (
    Placeholder("nothing is left of it", lambda letters: not letters),
    Placeholder("all its signs are the same", lambda letters: len(letters) > 1 and len(set(letters)) == 1),
    Placeholder("it only counts", _counts),
    Placeholder("it is a word for nothing", lambda letters: letters in FILLINGS),
    Placeholder("too short to tell two apart", lambda letters: len(letters) < 3, only_numbers=True),
)
_BEFORE = re.compile(r"^(?:(?:[a-z.]+:)+|0x)")  # of ids, as xmp.did: and uuid:, and of hexadecimal numbers
_NO_LETTER = re.compile(r"[\W_]+")


def placeholder(text: str, *, number: bool) -> str | None:
    """Why this folded text is no identifier; None: it is one. `number`: a serial or id, not the name of a kind."""
    letters = _NO_LETTER.sub("", _BEFORE.sub("", text) if number else text)
    return next(
        (one.reason for one in PLACEHOLDERS if (number or not one.only_numbers) and one.shows(letters)),
        None,
    )


_remembered = lru_cache(maxsize=512)  # a camera says the same in thousands of pictures

# ---- kinds of identifiers -----------------------------------------------------------------------------------------


@_remembered
def name(text: str) -> str | None:
    """Of a model or a lens: folded, as makers and programs differ in capitals."""
    return _unless_placeholder(plain(text.casefold()), number=False)


def document(text: str) -> str | None:
    """An id of a picture or document: folded."""
    return _unless_placeholder(plain(text.casefold()), number=True)


_LABEL = re.compile(r"^(?:serial ?(?:number|no\.?)|s/?n|no\.?)\s*[=:.#]\s*")


@_remembered
def serial(text: str) -> str | None:
    """Folded, without a label before it ("No= 2000 1234"), without spaces; of digits alone, without zeros before them:
    one note fills up to ten digits what another gives as a number."""
    bare = _LABEL.sub("", plain(text.casefold())).replace(" ", "")
    return _unless_placeholder(bare.lstrip("0") if bare.isdecimal() else bare, number=True)


@_remembered
def software(text: str) -> str | None:
    """As it is written: capitals and versions are what tells programs apart."""
    text = plain(text)
    return text if _unless_placeholder(text.casefold(), number=False) else None


def _unless_placeholder(text: str, *, number: bool) -> str | None:
    return None if len(text) > MOST_CHARACTERS or placeholder(text, number=number) else text


# Words of a company that say nothing of the camera.
_COMPANY = frozenset({
    "ag", "camera", "cameras", "co", "company", "computer", "corp", "corporation", "electronics", "eastman",
    "global", "gmbh", "imaging", "inc", "incorporated", "industries", "international", "kk", "ltd", "limited",
    "mobile", "optical", "photo", "film", "techwin", "technologies", "communications",
})  # fmt: skip
_OTHERWISE = {"asahi": "pentax", "fuji": "fujifilm", "om system": "olympus", "om digital solutions": "olympus"}


@_remembered
def maker(text: str) -> str | None:
    """Folded, without what companies are called: "NIKON CORPORATION" is "nikon", "EASTMAN KODAK COMPANY" is "kodak"."""
    folded = plain(text.casefold())
    words = folded.replace(",", " ").replace(".", " ").split()
    bare = " ".join(word for word in words if word not in _COMPANY) or folded
    return _unless_placeholder(_OTHERWISE.get(bare, bare), number=False)
