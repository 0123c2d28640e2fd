"""Every endpoint of the first version: a row here is an address, its entry in the OpenAPI document, and its audit verb."""

from collections.abc import Mapping, Sequence

import msgspec

from concord.access.audit import Verb
from concord.actions.ask import ask_bytes, ask_texts
from concord.actions.enter import Entered, Terms, enter_bytes, enter_digests
from concord.actions.greet import Session, greet
from concord.actions.installation import Installation
from concord.actions.list_materials import PAGE_ITEMS, MaterialPage, list_materials
from concord.actions.upload import demand_pictures_taken
from concord.api.administration import administration_endpoints
from concord.api.duty import duty_endpoints
from concord.api.endpoint import Call, Endpoint, Query, storable
from concord.api.ownership import ownership_endpoints
from concord.api.rights import rights_endpoints
from concord.api.uploads import upload_endpoints
from concord.errors import MalformedRequest
from concord.records.answer import Answer
from concord.values import Category


class AskOne(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One digest (MD5, SHA-1, SHA-256 in hexadecimal) or `pdq:` and 64 hexadecimal digits."""

    item: str


class AskMany(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Up to 10,000 of them; one audit entry names them all."""

    items: list[str]


class Answers(msgspec.Struct, frozen=True):
    """In the order of the items."""

    answers: Sequence[Answer]


class EnterDigests(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """SHA-256 values of files that stay where they are, and the terms they are entered on."""

    digests: list[str]
    case: str
    category: str = Category.CATEGORY_1.value
    series: str | None = None
    own_country_only: str | None = None


class EnteredAll(msgspec.Struct, frozen=True):
    """In the order of the items."""

    entered: Sequence[Entered]


ITEM = Query("item", "what the file is called in the answer")
TERMS = (
    Query("case", "the case it was found in; needed with a file", {"type": "string", "minLength": 1}),
    Query("category", f"{Category.CATEGORY_1} if not given", {"type": "string", "enum": list(Category)}),
    Query("series", "a series of your unit that it belongs to"),
    Query("own_country_only", "the reason why nobody outside your country may learn of it"),
)
COUNTRY, UNIT = "country", "unit"
PAGE = (
    Query("whose", f"{COUNTRY} if not given; {UNIT}: your own only", {"type": "string", "enum": [COUNTRY, UNIT]}),
    Query("after", "the `next` of the page before", {"type": "string", "minLength": 1}),
    Query("limit", "items a page", {"type": "integer", "minimum": 1, "maximum": PAGE_ITEMS, "default": PAGE_ITEMS}),
)


def endpoints(installation: Installation) -> list[list[Endpoint]]:
    """One list an address, one entry a method."""
    limit = installation.config.limits.request_bytes

    def ask_one(call: Call) -> Answer:
        if isinstance(call.body, bytes):
            demand_pictures_taken(installation, call.actor)
            return ask_bytes(installation, call.actor, call.query.get("item", "upload"), call.body)
        return ask_texts(installation, call.actor, [call.body.item])[0]

    def ask_batch(call: Call) -> Answers:
        return Answers(ask_texts(installation, call.actor, call.body.items))

    def enter(call: Call) -> EnteredAll:
        if isinstance(call.body, bytes):
            item = call.query.get("item", "upload")
            return EnteredAll([enter_bytes(installation, call.actor, item, call.body, _terms(call.query))])
        given = msgspec.structs.asdict(call.body)
        digests = given.pop("digests")
        said = {name: storable(name, text) for name, text in given.items() if text is not None}
        return EnteredAll(enter_digests(installation, call.actor, digests, _terms(said)))

    def listing(call: Call) -> MaterialPage:
        items = _page_items(call.query.get("limit", str(PAGE_ITEMS)))
        whose = call.query.get("whose", COUNTRY)
        if whose not in (COUNTRY, UNIT):
            raise MalformedRequest(cause=f"whose is {COUNTRY} or {UNIT}")
        return list_materials(installation, call.actor, call.query.get("after"), items, own_unit=whose == UNIT)

    return [
        [
            Endpoint(
                "POST", "ask", Verb.ASK, "Is it new, known or identified? A digest as JSON, or a file's bytes.",
                Answer, ask_one, AskOne, takes_bytes=True, query=(ITEM,), limit_bytes=limit, confirms=True,
            )
        ],
        [
            Endpoint(
                "POST", "ask/batch", Verb.ASK, "The same for many digests.",
                Answers, ask_batch, AskMany, limit_bytes=limit, confirms=True,
            )
        ],
        [
            Endpoint(
                "POST", "materials", Verb.ENTER, "Enter a file's bytes, or digests as JSON.",
                EnteredAll, enter, EnterDigests, takes_bytes=True, query=(ITEM, *TERMS), required=("case",),
                limit_bytes=limit,
            ),
            Endpoint(
                "GET", "materials", Verb.LIST_MATERIALS, "What your country entered, newest first.",
                MaterialPage, listing, query=PAGE,
            ),
        ],
        [
            Endpoint(
                "GET", "session", Verb.BEGIN_SESSION, "Who asks, and what this server takes.",
                Session, lambda call: greet(installation, call.actor),
            )
        ],
        *upload_endpoints(installation),
        *administration_endpoints(installation),
        *ownership_endpoints(installation),
        *duty_endpoints(installation),
        *rights_endpoints(installation),
    ]  # fmt: skip


def _page_items(text: str) -> int:
    if not text.isdecimal() or len(text) > len(str(PAGE_ITEMS)) or not 1 <= int(text) <= PAGE_ITEMS:
        raise MalformedRequest(cause=f"limit={text} is not a number from 1 to {PAGE_ITEMS}")
    return int(text)


def _terms(query: Mapping[str, str]) -> Terms:
    category = Category.parse(query.get("category", Category.CATEGORY_1))
    return Terms(query["case"], category, query.get("series"), query.get("own_country_only"))
