"""Every kind of picture fingerprint: a new one is its own file and one line here."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from concord.fingerprints import pdq
from concord.fingerprints.kind import Fingerprint, Kind, Luma
from concord.fingerprints.transform import NONE, TRIM, name_of
from concord.fingerprints.trim import content_box

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.name: kind
        for kind in [
            pdq.KIND,
        ]
    }
)


def fingerprint_all(luma: Luma, decoder: str) -> tuple[Fingerprint, ...]:
    """Of an upright picture, of every kind: as it is and turned in each way, which is eight; and where it has uniform
    borders, as many again without them. `transform.to_store` and `to_ask` tell which serve for what."""
    box = content_box(luma)
    views = [(NONE, luma)] if box is None else [(NONE, luma), (TRIM, box.of(luma))]
    return tuple(one for cut, view in views for kind in KINDS.values() for one in _turned(kind, cut, view, decoder))


def _turned(kind: Kind, cut: str, view: Luma, decoder: str) -> Iterator[Fingerprint]:
    values, quality = kind.measure_turned(view)
    for turn, value in values.items():
        yield Fingerprint(kind.name, name_of(cut, turn), value, quality, decoder)
