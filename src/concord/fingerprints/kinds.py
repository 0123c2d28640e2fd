"""Every kind of picture fingerprint: a new one is its own file and one line here."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from concord.fingerprints import pdq
from concord.fingerprints.kind import Fingerprint, Kind, Luma
from concord.fingerprints.transform import NONE, TRIM, joined
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
    """Of an upright picture, of every kind: as it is and turned in each way, which is eight; as many again with its tones
    evened out; and where it has uniform borders, all of these without them too. `transform.to_store` and `to_ask` tell
    which serve for what."""
    box = content_box(luma)
    views = [(NONE, luma)] if box is None else [(NONE, luma), (TRIM, box.of(luma))]
    return tuple(one for cut, view in views for kind in KINDS.values() for one in _measured(kind, cut, view, decoder))


def _measured(kind: Kind, cut: str, view: Luma, decoder: str) -> Iterator[Fingerprint]:
    values, quality = kind.measure_all(view)
    for way, value in values.items():
        yield Fingerprint(kind.name, joined(way, cut), value, quality, decoder)
