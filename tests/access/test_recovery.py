"""Recovery codes as people copy and type them."""

import re
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from concord.access.passkey import invited, new_secret
from concord.access.recovery import code_sha256, new_codes, own_codes_left, replace_own, spend
from concord.values import utc_now
from tests.officers import Officers


def test_there_are_ten_of_128_random_bits() -> None:
    codes = [code for _ in range(20) for code in new_codes()]
    assert len(set(codes)) == 200
    assert all(re.fullmatch(r"([0-9a-f]{4}-){7}[0-9a-f]{4}", code) for code in codes)


@given(st.data())
def test_case_dashes_and_spaces_do_not_count(data: st.DataObject) -> None:
    code = "3f2a-90bc-0000-1111-2222-3333-4444-5555"
    typed = "".join(data.draw(st.sampled_from([sign, sign.upper(), f" {sign}", f"{sign}-"])) for sign in code)
    assert code_sha256(typed) == code_sha256(code)


def test_every_digit_counts() -> None:
    code = "3f2a-90bc-0000-1111-2222-3333-4444-5555"
    others = {code_sha256(code[:at] + "9" + code[at + 1 :]) for at, sign in enumerate(code) if sign not in "-9"}
    assert len(others) == sum(sign not in "-9" for sign in code)
    assert code_sha256(code) not in others


def test_a_code_opens_once_and_the_former_ones_open_nothing(officers: Officers) -> None:
    actor, now = officers.of("XA"), utc_now()
    former, codes = new_codes(), new_codes()
    with actor.acting(now):
        assert own_codes_left() == 0
        replace_own(actor.profile, former, now)
        replace_own(actor.profile, codes, now)
        assert own_codes_left() == 10
    invitations = [new_secret() for _ in range(4)]
    until = now + timedelta(minutes=15)
    typed = (former[0], codes[0].upper(), codes[0], "unknown")
    found = [spend(code, kept, now, until) for code, (_, kept) in zip(typed, invitations, strict=True)]
    assert found == [False, True, False, False]
    assert invited(invitations[1][0], now).user == actor.user
    with actor.acting(now):
        assert own_codes_left() == 9
