"""*Greet*: a program from far away learns who it is here and what may be sent, before it sends anything."""

import msgspec

from concord.access.actor import Actor
from concord.access.audit import Verb
from concord.actions.act import act
from concord.actions.installation import Installation


class Session(msgspec.Struct, frozen=True):
    """Who asks, and what this server takes."""

    user: str
    unit: str
    country: str
    purpose: str
    items_per_call: int  # digests in one batch
    request_bytes: int  # of one body, unpacked
    part_bytes: int  # of one part of an upload, unpacked
    upload_bytes: int  # of one file in parts
    takes_pictures: bool  # whether files may be sent with a question


def greet(installation: Installation, actor: Actor) -> Session:
    """Raises NoPurpose."""
    limits = installation.config.limits
    with act(actor, Verb.BEGIN_SESSION, installation.clock):
        return Session(
            actor.user_name,
            actor.unit_name,
            actor.country,
            actor.stated_purpose,
            limits.items_per_call,
            limits.request_bytes,
            limits.upload_part_bytes,
            limits.upload_bytes,
            installation.config.takes_pictures,
        )
