import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.jail.xmp import MOST_DEPTH, MOST_ELEMENTS, MOST_PACKET_BYTES, properties, read_xmp

from .exifs import XMP, XMP_SAYS

MODEL = "http://ns.adobe.com/tiff/1.0/Model"


def said(packet: bytes) -> set[tuple[str, str]]:
    return {(kind, text.lower() if kind == "document.id" else text) for kind, text, source in read_xmp(packet)}


def described(inside: str, head: str = "", attributes: str = "") -> bytes:
    return (
        f'{head}<x:xmpmeta xmlns:x="adobe:ns:meta/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:RDF><rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" {attributes}>{inside}'
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


def test_attributes_and_elements_are_read_and_other_documents_are_not() -> None:
    assert said(XMP) == XMP_SAYS


def test_of_two_the_first_counts() -> None:
    assert properties(described("<tiff:Model>B</tiff:Model>", attributes='tiff:Model="A"')) == {MODEL: "A"}


@pytest.mark.parametrize("padding", [b"\0" * 100, b"\n   \n"])
def test_padding_and_what_was_cut_off_do_no_harm(padding: bytes) -> None:
    assert said(XMP + padding) == XMP_SAYS
    assert ("software", "Retouch 22.1") in said(XMP[:-60])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_packets_say_how_they_are_encoded(encoding: str) -> None:
    packet = described("<tiff:Model>Réflex 漢</tiff:Model>").decode().encode(encoding)
    assert properties(packet) == {MODEL: "Réflex 漢"}


def test_an_encoding_that_would_have_to_be_loaded_is_not_asked_for() -> None:
    packet = described("<tiff:Model>M</tiff:Model>", head='<?xml version="1.0" encoding="cp1140"?>')
    assert properties(packet) == {MODEL: "M"}


ENTITIES = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
DECLARED = {
    "a billion laughs": f'<!DOCTYPE x [<!ENTITY a0 "ha">{ENTITIES}]>',
    "a file": '<!DOCTYPE x [<!ENTITY a11 SYSTEM "file:///etc/hostname">]>',
    "types from elsewhere": '<!DOCTYPE x SYSTEM "http://example.invalid/x.dtd">',
    "nothing": "<!DOCTYPE x>",
}


@pytest.mark.parametrize("head", DECLARED.values(), ids=DECLARED)
def test_what_declares_types_or_entities_is_refused_whole(head: str) -> None:
    assert properties(described("<tiff:Model>&a11;</tiff:Model>", head=head)) == {}


def test_common_entities_and_numbers_of_signs_are_read() -> None:
    assert properties(described("<tiff:Model>A &amp; B&#67;</tiff:Model>")) == {MODEL: "A & BC"}


def test_size_depth_and_number_are_bounded() -> None:
    model = "<tiff:Model>M</tiff:Model>"
    assert properties(described(model + " " * MOST_PACKET_BYTES)) == {}
    deep = "<tiff:a>" * MOST_DEPTH + model + "</tiff:a>" * MOST_DEPTH
    assert properties(described(deep)) == {}
    assert properties(described("<tiff:a/>" * MOST_ELEMENTS + model)) == {}
    assert properties(described(f"<tiff:Model>{'M' * 100_000}</tiff:Model>")) == {}
    assert properties(described("<tiff:a/>" * 100 + model)) == {MODEL: "M"}


@given(st.binary(max_size=200))
def test_any_bytes_say_something_or_nothing(data: bytes) -> None:
    list(read_xmp(data))


@given(st.data())
def test_any_change_of_a_packet_says_something_or_nothing(data: st.DataObject) -> None:
    made = bytearray(XMP)
    for _ in range(data.draw(st.integers(1, 5))):
        made[data.draw(st.integers(0, len(made) - 1))] = data.draw(st.integers(0, 255))
    assert all(len(one) == 3 for one in read_xmp(bytes(made)))
