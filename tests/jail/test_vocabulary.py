import pytest

from concord.jail.findings import Statement
from concord.jail.vocabulary import KINDS, MOST_STATEMENTS, SOURCES, proper, read_out


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_read_out_as_what_the_file_says(kind: str) -> None:
    sentence = read_out(kind, "THIS")
    assert sentence.startswith("the file says ")
    assert sentence.endswith("; nobody has checked")
    assert sentence.count("THIS") == 1


def test_a_place_is_never_a_fact() -> None:
    sentence = "the file says it was taken at 48.8566000,2.3522111; nobody has checked"
    assert read_out("gps.position", "48.8566000,2.3522111") == sentence


@pytest.mark.parametrize(
    "improper",
    [
        Statement("camera.colour", "red", "exif"),
        Statement("camera.make", "nikon", "hearsay"),
        Statement("camera.make", "", "exif"),
        Statement("camera.make", "n" * 201, "exif"),
        Statement("camera.make", "ni\0kon", "exif"),
        Statement("camera.make", " nikon", "exif"),
        Statement("camera.make", "nikon\n", "exif"),
    ],
)
def test_what_no_worker_would_say_is_left_out(improper: Statement) -> None:
    good = Statement("camera.make", "nikon", SOURCES[0])
    assert proper([improper, good]) == (good,)


def test_a_worker_that_goes_on_and_on_is_cut_short() -> None:
    many = [Statement("camera.make", f"maker {count}", "exif") for count in range(1_000)]
    assert len(proper(many)) == MOST_STATEMENTS
