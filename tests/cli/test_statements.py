from pathlib import Path

from tests.cli.seized import new_digest, seeds
from tests.cli.terminal import Clerk
from tests.jail.exifs import camera_exif
from tests.pictures import encoded, picture


def photograph(path: Path) -> Path:
    path.write_bytes(encoded(picture(next(seeds)), "JPEG", quality=90, exif=camera_exif()))
    return path


def test_each_line_is_what_the_file_says(clerk: Clerk, tmp_path: Path) -> None:
    (line,) = clerk.enter(photograph(tmp_path / "a.jpg"))
    said = clerk.run("statements", line["material"])
    assert (said.status, said.err) == (0, "")
    lines = said.out.splitlines()
    assert all(one.startswith("the file says ") and "; nobody has checked  " in one for one in lines)
    serial = "its camera has the serial number 6001234; nobody has checked"
    assert f"{serial}  camera.serial, exif, entered by Unit of {clerk.profile} (XA)" in said.out
    assert sum("it was taken at 48.8566000,2.3522111" in one for one in lines) == 1


def test_as_json_each_is_an_object(clerk: Clerk, tmp_path: Path) -> None:
    (line,) = clerk.enter(photograph(tmp_path / "a.jpg"))
    by_id, by_digest = (clerk.run("statements", line[name], "--json").objects for name in ("material", "sha256"))
    assert by_id == by_digest
    (made,) = [one for one in by_id if one["kind"] == "camera.make"]
    assert made == {
        "material": line["material"],
        "kind": "camera.make",
        "value": "nikon",
        "source": "exif",
        "says": "the file says its camera was made by nikon; nobody has checked",
        "owners": [{"country": "XA", "unit": f"Unit of {clerk.profile}"}],
    }


def test_a_file_that_says_nothing_says_none(clerk: Clerk, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(encoded(picture(next(seeds)), "PNG"))
    (line,) = clerk.enter(tmp_path / "a.png")
    assert clerk.run("statements", line["material"]).out == "none\n"
    assert clerk.run("statements", line["material"], "--json").out == ""


def test_what_is_not_there_is_told(clerk: Clerk) -> None:
    digest = new_digest()
    said = clerk.run("statements", digest)
    assert said.status == 1
    assert f"material {digest}: no such record, or not one that you may use" in said.complaint


def test_a_path_is_wrong_usage(clerk: Clerk) -> None:
    said = clerk.run("statements", "a.jpg")
    assert said.status == 2
    assert "neither the id of a material nor a SHA-256" in said.complaint


def test_the_derived_facts_of_a_file_name_them_too(clerk: Clerk, tmp_path: Path) -> None:
    path = photograph(tmp_path / "a.jpg")
    found = clerk.terminal.run("fingerprint", path, "--json").objects
    (serial,) = [one for one in found if one["kind"] == "camera.serial"]
    assert (serial["value"], serial["decoder"], serial["transform"]) == ("6001234", "exif", None)
