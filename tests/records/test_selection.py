"""What a selection chooses."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.errors import EmptyArgument, MalformedRequest
from concord.records.seizure import ItemState
from concord.records.selection import Selection, expression, place_in, selection

SOURCE = "/disk"
names = st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=12)
ways = st.lists(names, min_size=1, max_size=4).map("/".join)
states = st.sampled_from(ItemState)


def chosen(pattern: str, path: str, state: ItemState = ItemState.NEW) -> bool:
    return selection([pattern]).chooses(path, SOURCE, state)


@given(ways, states)
def test_an_empty_selection_chooses_nothing(way: str, state: ItemState) -> None:
    assert not Selection().chooses(f"{SOURCE}/{way}", SOURCE, state)


@given(ways, states, states)
def test_an_answer_chooses_the_items_with_it_and_no_others(way: str, wanted: ItemState, state: ItemState) -> None:
    assert chosen(wanted.value, f"{SOURCE}/{way}", state) == (wanted is state)


@given(ways, states)
def test_what_is_named_is_chosen_whatever_it_is(way: str, state: ItemState) -> None:
    path = f"{SOURCE}/{way}"
    assert selection([], [path]).chooses(path, SOURCE, state)
    assert not selection([], [f"{path}x"]).chooses(path, SOURCE, state)


@given(ways)
def test_two_stars_choose_everything_but_ordinary_files(way: str) -> None:
    for state in ItemState:
        assert chosen("**", f"{SOURCE}/{way}", state) == (state is not ItemState.ORDINARY)


@given(ways, ways)
def test_a_selection_is_the_sum_of_its_parts(way: str, other: str) -> None:
    both = selection([re.sub(r"[*?\[]", "_", way), "*.jpg"])
    path = f"{SOURCE}/{other}"
    assert both.chooses(path, SOURCE, ItemState.NEW) == any(
        selection([part]).chooses(path, SOURCE, ItemState.NEW) for part in (re.sub(r"[*?\[]", "_", way), "*.jpg")
    )


@given(names)
def test_a_name_without_special_signs_chooses_itself_wherever_it_lies(name: str) -> None:
    plain = re.sub(r"[*?\[]", "_", name)
    if plain in set(ItemState):
        return
    assert chosen(plain, f"{SOURCE}/{plain}")
    assert chosen(plain, f"{SOURCE}/deep/er/{plain}")
    assert not chosen(plain, f"{SOURCE}/{plain}/below")


@given(ways)
def test_a_star_never_leaves_its_folder(way: str) -> None:
    assert chosen("./*".removeprefix("."), f"/{way}") == ("/" not in way)


@pytest.mark.parametrize(
    ("pattern", "path", "is_chosen"),
    [
        ("*.jpg", "/disk/a/b.jpg", True),
        ("*.jpg", "/disk/a/b.JPG", False),
        ("a/*.jpg", "/disk/a/b.jpg", True),
        ("a/*.jpg", "/disk/x/a/b.jpg", False),
        ("**/a/*.jpg", "/disk/x/a/b.jpg", True),
        ("a/**/*.jpg", "/disk/a/b.jpg", True),
        ("a/**/*.jpg", "/disk/a/x/y/b.jpg", True),
        ("a/**", "/disk/a/x/y/b.jpg", True),
        ("/disk/a/*", "/disk/a/b.jpg", True),
        ("?.jpg", "/disk/b.jpg", True),
        ("?.jpg", "/disk/bb.jpg", False),
        ("[ab].jpg", "/disk/b.jpg", True),
        ("[!ab].jpg", "/disk/b.jpg", False),
        ("[!a-c].jpg", "/disk/d.jpg", True),
        ("x/[!a]y", "/disk/x//y", False),
        ("[", "/disk/[", True),
        ("new", "/disk/new", True),
        ("inner/*.jpg", "/disk!/inner/a.jpg", True),
    ],
)
def test_patterns_choose_as_the_page_says(pattern: str, path: str, is_chosen: bool) -> None:
    assert chosen(pattern, path) == is_chosen


def test_what_is_no_pattern_is_refused() -> None:
    with pytest.raises(MalformedRequest, match=r"\[z-a\]"):
        selection(["[z-a]"])


@given(st.text(max_size=20))
def test_any_text_is_a_pattern_or_refused(text: str) -> None:
    try:
        expression(text)
    except MalformedRequest:
        assert "[" in text


def test_an_empty_text_selects_nothing_but_is_refused() -> None:
    with pytest.raises(EmptyArgument):
        selection(["*.jpg", ""])


PLAIN = {
    "**/": "(?:.*/)?",
    "**": ".*",
    "*": "[^/]*",
    "?": "[^/]",
    "[a-c]": "[a-c]",
    "[!b]": "[^/b]",
    "[+-9]": "[+-.0-9]",
}


@given(st.lists(st.sampled_from([*PLAIN, "a", "b", "1", "/"]), max_size=9).map("".join), st.text("ab1/.", max_size=14))
def test_a_pattern_fits_exactly_what_trying_every_place_would_fit(pattern: str, path: str) -> None:
    whole = pattern if "/" in pattern else f"**/{pattern}"
    signs = re.findall(r"(?:^|(?<=/))\*\*/|\*\*|\*|\?|\[.*?\]|[ab1/]", whole)
    slow = re.compile("".join(PLAIN.get(sign, sign) for sign in signs), re.DOTALL)
    assert bool(expression(pattern).fullmatch(path)) == bool(slow.fullmatch(path))


@pytest.mark.parametrize(
    "pattern", ["*_*_*_*_*_*.jpg", "**_**_**_**_**.jpg", "**/*_*_*/*_*_*.jpg", "*_**_*/**/*_*_*.jpg"]
)
def test_a_hostile_name_does_not_hold_a_pattern_up(pattern: str) -> None:
    """It would be years, if each star tried every place."""
    assert not chosen(pattern, SOURCE + "/_" * 200 + "_" * 4_000 + ".png")


def test_the_way_in_an_archive_begins_after_its_name() -> None:
    assert place_in("/d/a.zip", "/d/a.zip!/in/b.jpg") == "in/b.jpg"
    assert place_in("/d", "/d/a.zip!/in/b.jpg") == "a.zip!/in/b.jpg"
    assert place_in("/d", "/da/b.jpg") == "/da/b.jpg"
