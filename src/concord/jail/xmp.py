"""XMP (ISO 16684-1): a packet of XML, read by an expat parser that refuses whatever could make it grow or reach out."""

import re
from collections.abc import Iterator
from contextlib import suppress
from xml.parsers import expat

from concord.jail.moment import moment
from concord.jail.position import altitude, position, xmp_degrees

Said = tuple[str, str, str]

MOST_PACKET_BYTES = 1 << 20
MOST_ELEMENTS = 20_000
MOST_DEPTH = 64
MOST_TEXT_CHARACTERS = 1_000  # of one property; what is longer is none that is looked for

_TIFF, _EXIF, _EXIF_EX = "http://ns.adobe.com/tiff/1.0/", "http://ns.adobe.com/exif/1.0/", "http://cipa.jp/exif/1.0/"
_XMP, _MANAGED = "http://ns.adobe.com/xap/1.0/", "http://ns.adobe.com/xap/1.0/mm/"
_AUXILIARY, _PHOTOSHOP = "http://ns.adobe.com/exif/1.0/aux/", "http://ns.adobe.com/photoshop/1.0/"

TEXTS = {
    f"{_TIFF}Make": "camera.make",
    f"{_TIFF}Model": "camera.model",
    f"{_TIFF}Software": "software",
    f"{_XMP}CreatorTool": "software",
    f"{_AUXILIARY}SerialNumber": "camera.serial",
    f"{_AUXILIARY}LensSerialNumber": "lens.serial",
    f"{_AUXILIARY}Lens": "lens.model",
    f"{_EXIF_EX}BodySerialNumber": "camera.serial",
    f"{_EXIF_EX}LensMake": "lens.make",
    f"{_EXIF_EX}LensModel": "lens.model",
    f"{_EXIF_EX}LensSerialNumber": "lens.serial",
    f"{_EXIF}ImageUniqueID": "picture.id",
    f"{_MANAGED}DocumentID": "document.id",
    f"{_MANAGED}InstanceID": "document.instance",
    f"{_MANAGED}OriginalDocumentID": "document.original",
}
TIMES = {
    f"{_EXIF}DateTimeOriginal": "time.taken",
    f"{_PHOTOSHOP}DateCreated": "time.taken",
    f"{_EXIF}DateTimeDigitized": "time.digitised",
    f"{_XMP}CreateDate": "time.digitised",  # as the Metadata Working Group maps it
    f"{_XMP}ModifyDate": "time.changed",
    f"{_EXIF}GPSTimeStamp": "gps.time",
}
_LATITUDE, _LONGITUDE = f"{_EXIF}GPSLatitude", f"{_EXIF}GPSLongitude"
_ALTITUDE, _BELOW = f"{_EXIF}GPSAltitude", f"{_EXIF}GPSAltitudeRef"
_PANTRY = f"{_MANAGED}Pantry"  # descriptions of other files
PLACE = (_LATITUDE, _LONGITUDE, _ALTITUDE, _BELOW)
_WANTED = frozenset({*TEXTS, *TIMES, *PLACE})
_FRACTION = re.compile(r"(\d{1,12})/(\d{1,12})", re.ASCII)


def read_xmp(packet: bytes) -> Iterator[Said]:
    """What stands before a break counts: packets are often cut short or padded."""
    found = properties(packet)
    for name, text in found.items():
        if kind := TEXTS.get(name):
            yield kind, text, "xmp"
        elif (kind := TIMES.get(name)) and (when := moment(text)):
            yield kind, when, "xmp"
    latitude, longitude = (xmp_degrees(found.get(name, "")) for name in (_LATITUDE, _LONGITUDE))
    if where := position(latitude, longitude):
        yield "gps.position", where, "xmp"
    above = _FRACTION.fullmatch(found.get(_ALTITUDE, ""))
    if above and int(above[2]) and (height := altitude(int(above[1]) / int(above[2]), below=found.get(_BELOW) == "1")):
        yield "gps.altitude", height, "xmp"


def properties(packet: bytes) -> dict[str, str]:
    """The wanted ones by namespace and name, each as it stands first."""
    if len(packet) > MOST_PACKET_BYTES:
        return {}
    reader = _Reader()
    with suppress(expat.ExpatError, _RefusedError, UnicodeError):
        reader.read(_utf_8(packet.rstrip(b"\0")))
    return reader.found


class _RefusedError(Exception):
    """It declares types or entities, is too deep or has too much in it."""


class _Reader:
    """A property is an attribute of a description, or an element with text in it."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self._elements = 0
        self._open: list[str] = []
        self._text: list[str] = []
        self._characters = 0

    def read(self, packet: bytes) -> None:
        # Whatever the packet says of its encoding: another one would have to be loaded.
        parser = expat.ParserCreate("utf-8", namespace_separator="")
        parser.buffer_text = True
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = parser.ExternalEntityRefHandler = _refuse
        parser.StartElementHandler = self._starts
        parser.EndElementHandler = self._ends
        parser.CharacterDataHandler = self._says
        parser.Parse(packet, True)

    def _starts(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        self._open.append(name)
        if self._elements > MOST_ELEMENTS or len(self._open) > MOST_DEPTH:
            raise _RefusedError
        self._text, self._characters = [], 0
        for attribute, text in attributes.items():
            if attribute in _WANTED:
                self._keep(attribute, text)

    def _says(self, text: str) -> None:
        self._characters += len(text)
        if self._open and self._open[-1] in _WANTED and self._characters <= MOST_TEXT_CHARACTERS:
            self._text.append(text)

    def _ends(self, name: str) -> None:
        self._open.pop()
        if name in _WANTED and self._text:
            self._keep(name, "".join(self._text))
        self._text, self._characters = [], 0

    def _keep(self, name: str, text: str) -> None:
        if len(text) <= MOST_TEXT_CHARACTERS and text.strip() and _PANTRY not in self._open:
            self.found.setdefault(name, text.strip())


def _refuse(*_: object) -> int:
    raise _RefusedError


def _utf_8(packet: bytes) -> bytes:
    """From what its first bytes say. Raises UnicodeError."""
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if packet.startswith(mark):
            return packet[2:].decode(encoding, "ignore").encode()
    return packet.removeprefix(b"\xef\xbb\xbf")
