"""`concord fingerprint`: what is derived, to whom it is shown, and that nothing is left behind."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from concord.fingerprints.pdq import pdq_all
from concord.values import Digests
from concord.vault.keys import make_keys
from tests.cli.terminal import Said, Terminal
from tests.pictures import encoded, jpeg, picture

FIELDS = ["item", "kind", "value", "quality", "time", "transform", "decoder", "error"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Of a local administrator, who can read the keys; there is nothing else in it."""
    make_keys(tmp_path / "home" / "keys")
    return tmp_path / "home"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "files"
    (made / "below").mkdir(parents=True)
    (made / "a.jpg").write_bytes(jpeg(1))
    (made / "below" / "b.gif").write_bytes(encoded(picture(2), "GIF", save_all=True, append_images=[picture(3)]))
    return made


def of_kind(said: Said, kind: str | None) -> list[dict[str, object]]:
    return [line for line in said.objects if line["kind"] == kind]


def test_each_line_has_the_published_fields_in_their_order(terminal: Terminal, home: Path, folder: Path) -> None:
    said = terminal.run("fingerprint", "--json", folder, home=home)
    assert (said.status, said.err) == (0, "")
    assert all(list(line) == FIELDS for line in said.objects)
    assert {line["item"] for line in said.objects} == {str(folder / "a.jpg"), str(folder / "below" / "b.gif")}


def test_digests_and_what_the_file_is_are_told(terminal: Terminal, home: Path, folder: Path) -> None:
    said = terminal.run("fingerprint", "--json", folder / "below", home=home)
    data = (folder / "below" / "b.gif").read_bytes()
    values = {str(line["kind"]): line["value"] for line in said.objects}
    for name in Digests.__dataclass_fields__:
        assert values[name] == hashlib.new(name, data).hexdigest()
    assert values["size_bytes"] == str(len(data))
    assert (values["format"], values["width_pixels"], values["height_pixels"]) == ("gif", "256", "256")
    assert values["frames"] == "2"


def test_an_administrator_sees_the_perceptual_value_that_is_stored(
    terminal: Terminal, home: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.png").write_bytes(encoded(picture(1).convert("L"), "PNG"))
    said = terminal.run("fingerprint", "--json", tmp_path / "a.png", home=home)
    measured, quality = pdq_all(np.asarray(picture(1).convert("L")))
    lines = of_kind(said, "pdq")
    assert [(line["transform"], line["value"], line["quality"]) for line in lines] == [
        (transform, measured[transform].hex(), quality) for transform in ("none", "tone")
    ]
    assert all(str(line["decoder"]).startswith("pillow ") and line["error"] is None for line in lines)


def test_the_orientations_of_a_question_are_shown_when_asked_for(terminal: Terminal, home: Path, folder: Path) -> None:
    said = terminal.run("fingerprint", "--json", "--all-orientations", folder / "a.jpg", home=home)
    transforms = [line["transform"] for line in of_kind(said, "pdq")]
    assert len(transforms) == len(set(transforms)) == 16
    assert {"none", "mirror", "rotate-90", "tone+mirror"} <= set(transforms)


def test_whoever_cannot_read_the_keys_sees_no_perceptual_value(
    terminal: Terminal, tmp_path: Path, folder: Path
) -> None:
    said = terminal.run("fingerprint", "--json", "--all-orientations", folder, home=tmp_path / "nobody")
    assert said.status == 0  # withheld is answered: nothing has failed
    withheld = of_kind(said, "pdq")
    assert len(withheld) == 32
    for line in withheld:
        assert line["value"] is None
        assert line["error"]["code"] == "administrator_only"  # type: ignore[index]
    assert len(of_kind(said, "sha256")) == 2


def test_a_key_that_others_can_read_makes_nobody_an_administrator(terminal: Terminal, home: Path, folder: Path) -> None:
    (home / "keys" / "identity").chmod(0o644)
    said = terminal.run("fingerprint", "--json", folder / "a.jpg", home=home)
    assert [line["value"] for line in of_kind(said, "pdq")] == [None, None]


def test_nothing_is_stored_and_no_database_is_started(terminal: Terminal, home: Path, folder: Path) -> None:
    before = sorted(home.rglob("*"))
    terminal.run("fingerprint", folder, home=home)
    assert sorted(home.rglob("*")) == before


def test_an_item_that_fails_has_one_line_with_its_error_and_the_others_go_on(
    terminal: Terminal, home: Path, folder: Path
) -> None:
    (folder / "empty").touch()
    said = terminal.run("fingerprint", "--json", folder, folder / "missing", home=home)
    assert said.status == 3
    failed = {line["item"]: line["error"]["code"] for line in of_kind(said, None)}  # type: ignore[index]
    assert failed == {str(folder / "empty"): "empty_file", str(folder / "missing"): "no_such_file"}
    assert [line["item"] for line in said.objects].count(str(folder / "empty")) == 1
    assert len(of_kind(said, "pdq")) == 4


def test_what_cannot_be_decoded_has_its_digests_and_its_error(terminal: Terminal, home: Path, tmp_path: Path) -> None:
    (tmp_path / "cut.jpg").write_bytes(jpeg(1)[:-500])
    said = terminal.run("fingerprint", "--json", tmp_path / "cut.jpg", home=home)
    assert said.status == 3
    stated = ["quantisation.tables", "quantisation.quality"]  # which stand before the damage
    assert [line["kind"] for line in said.objects] == ["md5", "sha1", "sha256", "size_bytes", "format", *stated, None]
    assert said.objects[-1]["error"]["code"] == "damaged_picture"


def test_without_json_it_is_a_table_that_people_read(terminal: Terminal, home: Path, folder: Path) -> None:
    (folder / "words").write_text("words")
    said = terminal.run("fingerprint", folder, home=home)
    assert said.status == 3
    assert str(folder / "a.jpg") in said.out
    assert hashlib.sha256(jpeg(1)).hexdigest() in said.out
    assert "quality 100, none, simplejpeg" in said.out
    assert "! " in said.out


def test_a_name_orders_the_terminal_nothing(terminal: Terminal, home: Path, tmp_path: Path) -> None:
    (tmp_path / "a\x1b[31m.jpg").write_bytes(jpeg(1))
    assert "\x1b" not in terminal.run("fingerprint", tmp_path, home=home).out


@pytest.mark.parametrize("arguments", [(), ("",)])
def test_without_a_path_it_is_wrong_usage(terminal: Terminal, arguments: tuple[str, ...]) -> None:
    assert terminal.run("fingerprint", *arguments).status == 2
