"""The small values everything is said with: digests, country codes, coded vocabularies, times. Imports nothing of ours
but the errors."""

import enum
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NewType, Self

from concord.errors import MalformedDigest, TooLong, UnfitName, UnknownCode

Clock = Callable[[], datetime]  # always aware, always UTC


def utc_now() -> datetime:
    return datetime.now(UTC)


# ---- digests ------------------------------------------------------------------------------------------------------


class DigestKind(enum.StrEnum):
    MD5 = "md5"
    SHA1 = "sha1"
    SHA256 = "sha256"

    @property
    def size_bytes(self) -> int:
        return {"md5": 16, "sha1": 20, "sha256": 32}[self.value]


@dataclass(frozen=True, slots=True)
class Digest:
    """An exact digest of a file's bytes."""

    kind: DigestKind
    value: bytes

    def __str__(self) -> str:
        return self.value.hex()

    @classmethod
    def parse(cls, text: str) -> Self:
        """From 32, 40 or 64 hexadecimal digits, upper or lower case; anything else, white space included, is refused."""
        for kind in DigestKind:
            if len(text) == 2 * kind.size_bytes and _HEX.fullmatch(text):
                return cls(kind, bytes.fromhex(text))
        raise MalformedDigest(item=text)


@dataclass(frozen=True, slots=True)
class PdqValue:
    """A 256-bit PDQ hash, given as a question. Written `pdq:` and 64 hexadecimal digits, to tell it from a SHA-256."""

    value: bytes

    def __str__(self) -> str:
        return f"pdq:{self.value.hex()}"

    @classmethod
    def parse(cls, text: str) -> Self:
        if len(text) == 68 and text.startswith("pdq:") and _HEX.fullmatch(text[4:]):
            return cls(bytes.fromhex(text[4:]))
        raise MalformedDigest(item=text)


_HEX = re.compile(r"[0-9a-fA-F]+", re.ASCII)


def parse_question(text: str) -> Digest | PdqValue:
    """What an officer pastes. Raises MalformedDigest."""
    return PdqValue.parse(text) if text.startswith("pdq:") else Digest.parse(text)


@dataclass(frozen=True, slots=True)
class Digests:
    """Of one file, made in one pass. None: not made, as only the SHA-256 was wanted."""

    md5: bytes | None
    sha1: bytes | None
    sha256: bytes


# ---- names --------------------------------------------------------------------------------------------------------

# Control signs, line and paragraph ends, halves of signs; and what turns the reading direction of all that follows.
# Joiners are no control signs here: names of several languages need them.
_NO_SIGNS_OF_NAMES = {"Cc", "Cs", "Zl", "Zp"}
NAME_CHARACTERS = 200  # an entry of an index holds some 2,700 bytes
_TURNS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def readable_name(what: str, text: str) -> str:
    """`text`, which people will read as the name of a `what`. Raises UnfitName where it is empty or holds control signs, and
    TooLong beyond NAME_CHARACTERS."""
    if len(text) > NAME_CHARACTERS:
        raise TooLong(what=what, count=len(text), limit=NAME_CHARACTERS)
    if not text.strip():
        raise UnfitName(what=what, name=repr(text), cause="it is empty")
    for sign in text:
        if unicodedata.category(sign) in _NO_SIGNS_OF_NAMES or unicodedata.bidirectional(sign) in _TURNS:
            raise UnfitName(what=what, name=text, cause="it holds a control sign")
    return text


# ---- countries and codes ------------------------------------------------------------------------------------------

CountryCode = NewType("CountryCode", str)  # ISO 3166-1 alpha-2, upper case


def country_code(text: str) -> CountryCode:
    if re.fullmatch(r"[A-Z]{2}", text, re.ASCII):
        return CountryCode(text)
    raise UnknownCode(value=text, what="country code", known="two capital letters (ISO 3166-1)")


_WORD_BEGINS = re.compile(r"(?<!^)(?=[A-Z])")  # in the name of a class


class Coded(enum.StrEnum):
    """A published vocabulary: members are stored and exchanged by value, so a value is never reused."""

    @classmethod
    def parse(cls, text: str) -> Self:
        try:
            return cls(text.upper())
        except ValueError:
            raise UnknownCode(value=text, what=_WORD_BEGINS.sub(" ", cls.__name__).lower(), known=cls.known()) from None

    @classmethod
    def known(cls) -> str:
        return ", ".join(cls)


class Purpose(Coded):
    """Why somebody asks, enters or looks (docs/adr/0004)."""

    IDENTIFICATION = "IDENTIFICATION"  # of victims
    INVESTIGATION = "INVESTIGATION"  # of an offence
    MISSING = "MISSING"  # search for a missing person
    QUALITY = "QUALITY"  # care for records
    ADMINISTRATION = "ADMINISTRATION"  # care for access and its records: grants, approvals, audits
    TRAINING = "TRAINING"  # synthetic material only


class Basis(Coded):
    """On what legal ground a record is entered."""

    NATIONAL_LAW = "NATIONAL-LAW"
    COURT_ORDER = "COURT-ORDER"
    MUTUAL_ASSISTANCE = "MUTUAL-ASSISTANCE"
    CONSENT = "CONSENT"
    TRAINING = "TRAINING"


class Category(Coded):
    """What a unit says a contribution is: neutral codes only, never a description (docs/adr/0004)."""

    CATEGORY_1 = "1"
    CATEGORY_2 = "2"
    CONTEXT = "CONTEXT"  # shows a possible victim or suspect in another setting
    NOT_RELEVANT = "NOT-RELEVANT"
