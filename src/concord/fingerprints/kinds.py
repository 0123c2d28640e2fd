"""Every kind of picture fingerprint: a new one is its own file and one line here."""

from collections.abc import Mapping
from types import MappingProxyType

from concord.fingerprints import pdq
from concord.fingerprints.kind import Fingerprint, Kind, Luma

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.name: kind
        for kind in [
            pdq.KIND,
        ]
    }
)


def fingerprint_all(luma: Luma, decoder: str) -> tuple[Fingerprint, ...]:
    """One fingerprint of every kind."""
    measured = ((kind.name, *kind.measure(luma)) for kind in KINDS.values())
    return tuple(Fingerprint(name, value, quality, decoder) for name, value, quality in measured)
