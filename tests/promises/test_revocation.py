"""What is taken away is gone with the next part of whatever goes on: folders asked and entered, intakes filled and asked."""

from collections.abc import Callable, Iterator

import pytest

from concord.access import actor as actors
from concord.access.actor import sign_in_again, sign_in_by_token, still
from concord.actions import ask as asking
from concord.actions import enter as entering
from concord.actions import open_intake as filling
from concord.actions import sweep as sweeping
from concord.actions.ask import ask
from concord.actions.ask_intake import ask_intake
from concord.actions.enrol import OWNER, revoke_tokens, set_active
from concord.actions.enter import Terms, enter_files
from concord.actions.open_intake import fill_intake, open_intake
from concord.actions.sweep import sweep
from concord.errors import NotSignedIn, ProfileOut, RoleNeeded
from concord.media import walk_names
from concord.records.user import Grant
from concord.values import Category, utc_now
from tests.desk import Desk
from tests.officers import Officers

FILES = 70  # more than a batch of any of them


@pytest.fixture
def folder(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Where no second need pass, and parts are small."""
    monkeypatch.setattr(actors, "STALE_SECONDS", 0.0)
    monkeypatch.setattr(asking, "BATCH_ITEMS", 8)
    monkeypatch.setattr(entering, "BATCH_ITEMS", 8)
    monkeypatch.setattr(sweeping, "BATCH_ITEMS", 8)
    monkeypatch.setattr(filling, "WRITE_ITEMS", 8)
    for number in range(FILES):
        (desk.folder / f"{number:03}.txt").write_text(f"{desk.actor.unit} {number}")
    return desk


def _streams(desk: Desk) -> dict[str, Callable[[], Iterator[object]]]:
    installation, actor = desk.installation, desk.actor
    terms = Terms(desk.case, Category.CATEGORY_1)

    def filled() -> Iterator[object]:
        return fill_intake(installation, actor, open_intake(installation, actor, desk.case, desk.folder, days=1))

    return {
        "ask": lambda: ask(installation, actor, [desk.folder]),
        "sweep": lambda: sweep(installation, actor, walk_names([desk.folder])),
        "enter": lambda: enter_files(installation, actor, [desk.folder], terms),
        "fill": filled,
    }


@pytest.mark.parametrize("stream", ["ask", "sweep", "enter", "fill"])
def test_a_disabled_profile_gets_no_further_part(folder: Desk, stream: str) -> None:
    running = iter(_streams(folder)[stream]())
    next(running)
    set_active(folder.actor.profile, active=False)
    with pytest.raises(ProfileOut):
        list(running)


def test_a_role_that_was_revoked_opens_no_further_part(folder: Desk) -> None:
    running = iter(_streams(folder)["ask"]())
    next(running)
    Grant.objects.using(OWNER).filter(user_id=folder.actor.user).update(revoked_at=utc_now())
    with pytest.raises(RoleNeeded):
        list(running)


def test_an_intake_is_not_asked_any_further(folder: Desk) -> None:
    intake = open_intake(folder.installation, folder.actor, folder.case, folder.folder, days=1)
    list(fill_intake(folder.installation, folder.actor, intake))
    set_active(folder.actor.profile, active=False)
    with pytest.raises(ProfileOut):
        list(ask_intake(folder.installation, folder.actor, intake))


def test_whoever_signed_in_by_a_token_stands_by_it(desk: Desk, officers: Officers) -> None:
    actor = sign_in_by_token(officers.token(desk.actor))
    assert sign_in_again(actor) == actor
    revoke_tokens(desk.actor.profile, utc_now)
    with pytest.raises(NotSignedIn):
        sign_in_again(actor)


def test_within_a_second_nothing_is_read_again(desk: Desk) -> None:
    fresh = sign_in_again(desk.actor)
    assert still(fresh) is fresh
