from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.jail.moment import exif_moment, gps_moment, iptc_moment, moment


@pytest.mark.parametrize(
    ("text", "parts", "offset", "written"),
    [
        ("2026:03:01 10:20:30", None, None, "2026-03-01T10:20:30"),
        ("2026:03:01 10:20:30", None, "+01:00", "2026-03-01T10:20:30+01:00"),
        ("2026:03:01 10:20:30", "250", "+00:00", "2026-03-01T10:20:30.25Z"),
        ("2026:03:01 10:20:30", "00", "-03:30", "2026-03-01T10:20:30-03:30"),
        ("2026-03-01 10:20:30", "   ", "   :  ", "2026-03-01T10:20:30"),
        ("2026:03:01 10:20:30", "abc", "+99:00", "2026-03-01T10:20:30"),
    ],
)
def test_a_time_of_exif_without_an_offset_is_local_and_says_so(
    text: str, parts: str | None, offset: str | None, written: str
) -> None:
    assert exif_moment(text, parts, offset) == written


@pytest.mark.parametrize(
    "text",
    [
        "0000:00:00 00:00:00",
        "    :  :     :  :  ",
        "2026:02:30 10:20:30",
        "2026:03:01 24:00:00",
        "2026:03:01 10:20:61",
        "1825:12:31 10:00:00",
        "1970:01:01 00:00:00",
        "1980:01:01 00:00:00",
        "1904:01:01",
        "yesterday",
        "",
        "2026:03:01 10:20:30 and more",
        "\u0662\u0660\u0662\u0666:03:01 10:20:30",
    ],
)
def test_nonsense_and_clocks_never_set_are_no_times(text: str) -> None:
    assert exif_moment(text, None, None) is None


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2026-03-01T10:20:30+01:00", "2026-03-01T10:20:30+01:00"),
        ("2026-03-01T10:20:30.120Z", "2026-03-01T10:20:30.12Z"),
        ("2026-03-01T10:20Z", "2026-03-01T10:20Z"),
        ("2026-03-01", "2026-03-01"),
        ("2026-03", None),
        ("2026", None),
    ],
)
def test_xmp_may_give_less_than_all_of_a_time(text: str, written: str | None) -> None:
    assert moment(text) == written


@pytest.mark.parametrize(
    ("date", "time", "written"),
    [
        ("20260301", "102030+0100", "2026-03-01T10:20:30+01:00"),
        ("20260301", "102030", "2026-03-01T10:20:30"),
        ("20260301", None, "2026-03-01"),
        ("20260301", "noon", "2026-03-01"),
        ("00000000", "102030", None),
        ("2026", "102030", None),
    ],
)
def test_iptc_keeps_date_and_time_apart(date: str, time: str | None, written: str | None) -> None:
    assert iptc_moment(date, time) == written


def test_the_time_of_a_receiver_is_utc() -> None:
    assert gps_moment("2026:03:01", (9.0, 20.0, 29.9)) == "2026-03-01T09:20:29Z"
    for clock in ((25, 0, 0), (-1, 0, 0), (9, float("nan"), 0), (9, 20), (1e300, 0, 0)):
        assert gps_moment("2026:03:01", clock) is None


@given(st.datetimes(min_value=datetime.fromisoformat("1981-01-01")), st.sampled_from(["", "Z", "+05:30", "-11:00"]))
def test_a_written_time_is_read_back_as_itself(when: datetime, offset: str) -> None:
    text = when.replace(microsecond=0).isoformat() + offset
    assert moment(text) == text
    assert datetime.fromisoformat(text).replace(tzinfo=None) == when.replace(microsecond=0)


@given(st.text(alphabet="0123456789:-TZ+. ", max_size=40))
def test_any_text_is_a_time_or_none(text: str) -> None:
    written = moment(text)
    assert written is None or datetime.fromisoformat(written[:10]).year >= 1826
