import hashlib
from dataclasses import replace

import pytest

from concord.access.audit import AuditEntry
from concord.actions.installation import Installation
from concord.actions.say import add_appearance, add_person
from concord.config import Limits
from concord.database.acting import acting
from concord.records.person import Role
from tests.desk import Desk, Desks
from tests.officers import Officers
from tests.pictures import jpeg
from tests.web.visitor import Visitor, text_of, upload, words_of


@pytest.fixture
def asker(visitor: Visitor, desk: Desk) -> Visitor:
    return visitor.signed_in(desk.actor)


def new_digest(seed: str) -> str:
    return hashlib.sha256(seed.encode()).hexdigest()


def test_the_first_page_explains_the_answers(asker: Visitor) -> None:
    text = text_of(asker.get("/"))
    for word in ("NEW", "KNOWN", "PARTLY IDENTIFIED", "IDENTIFIED", "NOT RELEVANT"):
        assert word in text


def test_digests_are_answered_in_their_order(asker: Visitor, desk: Desk) -> None:
    (entered,) = desk.enter(desk.picture("street.jpg"))
    texts = f"{new_digest('a')}\r\n\r\n  {entered.sha256}  \nnonsense"
    response = asker.post("/ask", texts=texts)
    assert words_of(response) == ["NEW by digest only", "KNOWN", "COULD NOT BE EXAMINED"]
    assert "3 asked: 1 NEW by digest only, 1 KNOWN, 1 COULD NOT BE EXAMINED" in text_of(response)


def test_a_file_is_answered_with_its_owner_and_contact(visitor: Visitor, desk: Desk, officers: Officers) -> None:
    picture = desk.picture("harbour.jpg")
    (entered,) = desk.enter(picture)
    person = add_person(desk.installation, desk.actor, Role.VICTIM, "V-1")
    assert entered.material
    add_appearance(desk.installation, desk.actor, person, entered.material)
    response = visitor.signed_in(officers.of("XB")).post("/ask", files=upload("copy.jpg", picture.read_bytes()))
    text = text_of(response)
    assert words_of(response) == ["KNOWN"]
    for part in ("copy.jpg", "Exact copy of a file", f"{desk.actor.unit_name} (XA)", "0 of 1 identified", "09-17"):
        assert part in text
    assert str(entered.sha256) in text


def test_a_near_copy_is_unconfirmed(asker: Visitor, desk: Desk) -> None:
    seed = 77_001
    desk.enter(desk.picture("room.jpg", seed))
    text = text_of(asker.post("/ask", files=upload("again.jpg", jpeg(seed, quality=60))))
    assert "Close copy" in text
    assert "UNCONFIRMED" in text


def test_several_files_and_digests_go_together(asker: Visitor) -> None:
    files = [upload("one.jpg", jpeg(77_010)), upload("empty.jpg", b""), upload("note.txt", b"just words")]
    response = asker.post("/ask", texts=new_digest("b"), files=files, folder=upload("two.jpg", jpeg(77_011)))
    assert words_of(response) == ["NEW by digest only", "NEW", "COULD NOT BE EXAMINED", "NEW by digest only", "NEW"]


def test_the_cards_alone_are_the_same_as_on_the_page(asker: Visitor) -> None:
    texts = "\n".join(map(new_digest, "cde"))
    cards = asker.post("/ask/cards", texts=texts).content.decode().strip()
    assert cards.startswith("<li")
    assert cards in asker.post("/ask", texts=texts).content.decode()


def test_the_script_says_where_in_a_folder_a_file_lay(asker: Visitor) -> None:
    response = asker.post("/ask/cards", files=upload("a.jpg", jpeg(77_020)), names="disk/2019/a.jpg")
    assert "disk/2019/a.jpg" in text_of(response)


def test_the_purpose_of_the_form_is_what_is_recorded(asker: Visitor, desk: Desk) -> None:
    asker.post("/ask", texts=new_digest("f"), purpose="MISSING")
    with acting(desk.actor.country, desk.actor.unit, desk.actor.user):
        entry = AuditEntry.objects.filter(user=desk.actor.user, verb="ASK").latest("at")
    assert (entry.purpose, entry.items) == ("MISSING", [new_digest("f")])


def test_without_any_purpose_nothing_is_asked_and_the_text_is_kept(visitor: Visitor, officers: Officers) -> None:
    visitor.signed_in(officers.of("XA", purpose=None))
    assert "Choose one" in text_of(visitor.get("/"))
    response = visitor.post("/ask", texts=new_digest("g"))
    assert response.status_code == 400
    assert 'role="alert"' in response.content.decode()
    assert new_digest("g") in text_of(response)
    assert words_of(response) == []
    assert words_of(visitor.post("/ask", texts=new_digest("g"), purpose="TRAINING")) == ["NEW by digest only"]


def test_a_made_up_purpose_is_refused(asker: Visitor) -> None:
    response = asker.post("/ask/cards", texts=new_digest("h"), purpose="CURIOSITY")
    assert response.status_code == 400
    assert response["Content-Type"].startswith("text/plain")
    assert "CURIOSITY: no such purpose" in response.content.decode()


def test_asking_nothing_is_said(asker: Visitor) -> None:
    response = asker.post("/ask", texts=" \n ")
    assert response.status_code == 400
    assert "Nothing was asked" in text_of(response)


def test_too_many_items_are_refused_before_any_is_asked(asker: Visitor) -> None:
    response = asker.post("/ask", texts="\n".join("x" for _ in range(1_001)))
    assert response.status_code == 413
    assert "1001 items in one call are too many: the limit is 1000." in text_of(response)


def test_more_files_than_a_form_may_hold_are_refused_in_words(asker: Visitor) -> None:
    response = asker.post("/ask", files=[upload(f"{number}.txt", b"x") for number in range(201)])
    assert response.status_code == 413
    assert "the limit is 200" in text_of(response)


def test_a_request_over_the_limit_is_refused_unread(installation: Installation, desk: Desk) -> None:
    limits = Limits(request_bytes=100_000)
    small = replace(installation, config=replace(installation.config, limits=limits))
    visitor = Visitor(small).signed_in(desk.actor)
    page, words = (visitor.post(to, files=upload("large.jpg", b"x" * 100_000)) for to in ("/ask", "/ask/cards"))
    assert page.status_code == words.status_code == 413
    sentence = "larger than the 100000 bytes that one request may hold"
    assert sentence in text_of(page)
    assert sentence in words.content.decode()


def test_where_files_are_not_taken_none_is_offered_and_none_examined(installation: Installation, desk: Desk) -> None:
    closed = replace(installation, config=replace(installation.config, takes_pictures=False))
    visitor = Visitor(closed).signed_in(desk.actor)
    assert '<fieldset class="drop" disabled>' in visitor.get("/").content.decode()
    sent = {"texts": new_digest("i"), "purpose": "TRAINING"}
    page, words = (visitor.post(to, files=upload("a.jpg", jpeg(77_030)), **sent) for to in ("/ask", "/ask/cards"))
    assert page.status_code == words.status_code == 403
    assert "This server takes no files with a question." in text_of(page)
    assert words.content.decode().startswith("This server takes no files with a question.")
    with acting(desk.actor.country, desk.actor.unit, desk.actor.user):
        asked = AuditEntry.objects.filter(user=desk.actor.user, verb="ASK")
        assert {(entry.outcome, entry.reason) for entry in asked} == {("REFUSED", "pictures_not_taken")}
    assert words_of(visitor.post("/ask", **sent)) == ["NEW by digest only"]


def test_what_the_browser_lets_through_fits_the_server(installation: Installation, desk: Desk) -> None:
    limits = Limits(request_bytes=100_000)
    small = replace(installation, config=replace(installation.config, limits=limits))
    visitor = Visitor(small).signed_in(desk.actor)
    page = visitor.get("/").content.decode()
    allowed = int(page.split('data-file-bytes="')[1].split('"')[0])
    response = visitor.post(
        "/ask/cards", files=upload("n" * 255, b"x" * allowed), names="n" * 4_000, purpose="TRAINING"
    )
    assert response.status_code == 200


def test_markup_in_a_name_is_shown_and_not_obeyed(asker: Visitor) -> None:
    evil = "<img src=x onerror=alert(1)>.jpg"
    response = asker.post("/ask", texts="<script>alert(1)</script>", files=upload("x.jpg", b"x"), names=evil)
    assert "<script>alert" not in response.content.decode()
    assert "<img src=x" not in response.content.decode()
    assert "&lt;img src=x" in response.content.decode()


def test_what_a_neighbour_keeps_for_himself_is_new_to_others(desks: Desks, visitor: Visitor) -> None:
    holder, other = desks.of("XA"), desks.of("XB")
    (entered,) = holder.enter(holder.picture("yard.jpg"), own_country_only="an operation")
    visitor.signed_in(other.actor)
    assert words_of(visitor.post("/ask", texts=str(entered.sha256))) == ["NEW by digest only"]


def test_looking_at_the_address_of_the_form_leads_to_its_page(asker: Visitor) -> None:
    assert asker.get("/ask")["Location"] == "/"
    assert asker.get("/ask/cards").status_code == 405
    assert asker.post("/").status_code == 405
