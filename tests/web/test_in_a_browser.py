"""The pages as an officer meets them: a real server, a real Chromium, no error in its console."""

import hashlib
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, JSHandle, Page, Route, expect

from concord.actions.identify import identify
from concord.actions.say import add_appearance, add_person
from concord.cli.report import Heading, write_report
from concord.records.person import PersonState, Role
from concord.values import utc_now
from tests.cli.told import told
from tests.desk import Desk
from tests.officers import Officers
from tests.pictures import jpeg

pytestmark = pytest.mark.browser
LONGEST_MILLISECONDS = 120_000  # a bound against hanging, no measurement; every wait ends when its condition holds
STEP_MILLISECONDS = 50
expect.set_options(timeout=LONGEST_MILLISECONDS)
numbers = itertools.count()


class Screen:
    """A browser window, and everything its console complained about."""

    def __init__(self, browser: Browser, url: str, **options: Any) -> None:
        self.with_script = options.get("java_script_enabled", True)
        self.context = browser.new_context(base_url=url, reduced_motion="reduce", **options)
        self.context.set_default_timeout(LONGEST_MILLISECONDS)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def sign_in(self, token: str) -> Page:
        self.page.goto("/sign-in")
        self.page.locator("summary", has_text="Access token").click()
        self.page.get_by_label("Access token").fill(token)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        return self.ask_page()

    def ask_page(self) -> Page:
        """Once it stands there, with its script where there is one."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Is it new, known or identified?")
        if self.with_script:
            expect(self.page.locator("html.scripted")).to_be_attached()
        return self.page


Opened = Callable[..., Screen]


@pytest.fixture
def screens(chromium: Browser, live_server_url: str) -> Iterator[Opened]:
    opened: list[Screen] = []

    def open_one(**options: Any) -> Screen:
        opened.append(Screen(chromium, live_server_url, **options))
        return opened[-1]

    yield open_one
    for screen in opened:
        screen.page.unroute_all(behavior="ignoreErrors")
        screen.context.close()


@pytest.fixture
def screen(screens: Opened) -> Iterator[Screen]:
    """A desktop window. A test that expects no complaint ends without one."""
    made = screens()
    yield made
    assert made.complaints == []  # a violation of the content security policy is one


@pytest.fixture
def token(officers: Officers, desk: Desk) -> str:
    return officers.token(desk.actor)


def cards_say(page: Page, *words: str) -> None:
    expect(page.locator("#cards > .card .word")).to_have_text(list(words))


def digest() -> str:
    return hashlib.sha256(f"never entered {next(numbers)}".encode()).hexdigest()


def wait_until(page: Page, true: Callable[[], object]) -> None:
    """Meanwhile the page goes on, and what it does is heard here."""
    for _ in range(0, LONGEST_MILLISECONDS, STEP_MILLISECONDS):
        if true():
            return
        page.wait_for_timeout(STEP_MILLISECONDS)
    pytest.fail("waited in vain")


def file(name: str, content: bytes) -> dict[str, Any]:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def posts_of(page: Page) -> list[str]:
    """What the page sends from now on; a list that grows."""
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    return sent


# ---- ways in ----


def test_chosen_files_become_cards_with_the_right_words(screen: Screen, token: str, desk: Desk) -> None:
    identified, known = desk.picture("identified.jpg"), desk.picture("known.jpg")
    first, _ = desk.enter(identified, known)
    person = add_person(desk.installation, desk.actor, Role.VICTIM, "V-1")
    assert first.material
    add_appearance(desk.installation, desk.actor, person, first.material)
    identify(desk.installation, desk.actor, person, PersonState.IDENTIFIED)
    page = screen.sign_in(token)
    files = [
        file("a.jpg", identified.read_bytes()),
        file("b.jpg", known.read_bytes()),
        file("c.jpg", jpeg(88_001)),
        file("d.txt", b"just words"),
        file("e.jpg", b""),
    ]
    page.locator("input[name=files]").set_input_files(files)
    cards_say(page, "IDENTIFIED", "KNOWN", "NEW", "NEW by digest only", "COULD NOT BE EXAMINED")
    expect(page.locator("#cards .item")).to_have_text(["a.jpg", "b.jpg", "c.jpg", "d.txt", "e.jpg"])
    expect(page.get_by_role("status")).to_contain_text("5 asked: ")
    expect(page.locator("#running")).to_be_hidden()
    expect(page.locator(".contact").first).to_contain_text(desk.actor.unit_name)


def test_a_folder_is_asked_with_its_paths(screen: Screen, token: str, desk: Desk) -> None:
    (desk.folder / "disk" / "inner").mkdir(parents=True)
    (desk.folder / "disk" / "inner" / "one.jpg").write_bytes(jpeg(88_010))
    page = screen.sign_in(token)
    page.locator("input[name=folder]").set_input_files(desk.folder / "disk")
    cards_say(page, "NEW")
    expect(page.locator("#cards .item")).to_have_text("disk/inner/one.jpg")


def dropped_on(page: Page) -> JSHandle:
    return page.evaluate_handle(
        """() => {
            const transfer = new DataTransfer();
            transfer.items.add(new File(["benign words"], "dropped.txt"));
            return transfer;
        }"""
    )


def test_dropped_files_are_asked_wherever_they_fall(screen: Screen, token: str) -> None:
    page = screen.sign_in(token)
    dropped = dropped_on(page)
    page.dispatch_event("footer", "dragenter", {"dataTransfer": dropped})
    expect(page.get_by_text("Let go to ask")).to_be_visible()
    page.dispatch_event("footer", "drop", {"dataTransfer": dropped})
    expect(page.get_by_text("Let go to ask")).to_be_hidden()
    cards_say(page, "NEW by digest only")
    expect(page.locator("#cards .item")).to_have_text("dropped.txt")


def test_a_pasted_digest_is_asked_at_once(screen: Screen, token: str, desk: Desk) -> None:
    (entered,) = desk.enter(desk.picture("pasted.jpg"))
    screen.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = screen.sign_in(token)
    page.evaluate("text => navigator.clipboard.writeText(text)", f"{entered.sha256}\n{digest()}")
    page.locator("body").press("Control+V")
    cards_say(page, "KNOWN", "NEW by digest only")


def test_pasted_text_that_is_no_digest_is_not_sent_but_shown(screen: Screen, token: str) -> None:
    screen.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = screen.sign_in(token)
    sent = posts_of(page)
    page.evaluate("text => navigator.clipboard.writeText(text)", "a private letter")
    page.locator("body").press("Control+V")
    expect(page.get_by_label("Digests")).to_have_value("a private letter")
    expect(page.get_by_label("Digests")).to_be_focused()
    assert sent == []


def test_a_pasted_picture_is_asked(screen: Screen, token: str) -> None:
    page = screen.sign_in(token)
    page.evaluate(
        """() => {
            const transfer = new DataTransfer();
            transfer.items.add(new File(["benign words"], "image.png", {type: "image/png"}));
            document.body.dispatchEvent(new ClipboardEvent("paste", {clipboardData: transfer, bubbles: true}));
        }"""
    )
    cards_say(page, "NEW by digest only")
    expect(page.locator("#cards .item")).to_have_text("image.png")


def test_everything_can_be_done_with_the_keyboard(screen: Screen, token: str) -> None:
    page = screen.page
    page.goto("/sign-in")
    expect(page.locator("html.scripted")).to_be_attached()
    page.get_by_role("button", name="Sign in with a passkey").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Access token")).to_be_focused()
    page.keyboard.type(token)
    page.keyboard.press("Enter")
    screen.ask_page()
    reached = []
    for _ in range(9):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.name || document.activeElement.textContent.trim()"))
    wanted = ["Skip to the content", "Concord", "Sign out", "texts", "files", "folder", "purpose", "Ask"]
    assert [name for name in reached if name in wanted] == wanted
    page.get_by_label("Digests").focus()
    page.keyboard.type(digest())
    page.keyboard.press("Control+Enter")
    cards_say(page, "NEW by digest only")
    page.keyboard.type(digest())
    for _ in range(4):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    cards_say(page, "NEW by digest only", "NEW by digest only")


def test_many_digests_are_answered_in_parts_and_keep_their_order(screen: Screen, token: str) -> None:
    page = screen.sign_in(token)
    digests = [digest() for _ in range(120)]
    page.get_by_label("Digests").fill("\n".join(digests))
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_role("status")).to_have_text("120 asked: 120 NEW by digest only")
    expect(page.locator("#cards .item")).to_have_text(digests)
    expect(page.get_by_label("Digests")).to_have_value("")


def test_a_new_question_stands_above_the_ones_before(screen: Screen, token: str) -> None:
    page = screen.sign_in(token)
    for name in ("first.txt", "second.txt"):
        page.locator("input[name=files]").set_input_files([file(name, name.encode())])
        expect(page.locator("#cards .item").first).to_have_text(name)
    cards_say(page, "NEW by digest only", "NEW by digest only")


def test_a_digest_is_copied(screen: Screen, token: str) -> None:
    screen.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = screen.sign_in(token)
    page.locator("input[name=files]").set_input_files([file("a.txt", b"copied")])
    expect(page.get_by_role("button", name="Copy")).to_be_visible()
    page.evaluate(
        """() => {
            globalThis.said = []; // it says so for a moment only
            const word = document.querySelector("#cards [data-copy-word]");
            new MutationObserver(() => said.push(word.textContent)).observe(word, {childList: true});
        }"""
    )
    page.get_by_role("button", name="Copy").click()
    wait_until(page, lambda: page.evaluate("said") == ["Copied", "Copy"])
    assert page.evaluate("navigator.clipboard.readText()") == hashlib.sha256(b"copied").hexdigest()


def test_asking_nothing_says_what_to_do(screen: Screen, token: str) -> None:
    page = screen.sign_in(token)
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was asked")


# ---- without a script ----


def test_the_same_works_without_a_script(screens: Opened, token: str, desk: Desk) -> None:
    picture = desk.picture("plain.jpg")
    (entered,) = desk.enter(picture)
    screen = screens(java_script_enabled=False)
    page = screen.sign_in(token)
    page.locator("textarea").fill(f"{entered.sha256}\nnonsense")
    page.locator("input[name=files]").set_input_files(picture)
    page.get_by_role("button", name="Ask").click()
    cards_say(page, "KNOWN", "COULD NOT BE EXAMINED", "KNOWN")
    expect(page.get_by_role("status")).to_have_text("3 asked: 2 KNOWN, 1 COULD NOT BE EXAMINED")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert screen.complaints == []


# ---- when it does not go well ----


class Gate:
    """Holds what the page asks until it is opened."""

    def __init__(self, page: Page) -> None:
        self.held: list[Route] = []
        self._open = False
        page.route("**/ask/cards", self._pass)

    def _pass(self, route: Route) -> None:
        if self._open:
            route.continue_()
        else:
            self.held.append(route)

    def open(self) -> None:
        self._open = True
        for route in self.held:
            route.continue_()


def test_two_requests_go_at_a_time_and_stop_stops_the_rest(screens: Opened, token: str) -> None:
    page = screens().sign_in(token)
    gate = Gate(page)
    page.locator("input[name=files]").set_input_files([file(f"{number}.txt", b"x") for number in range(5)])
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.locator("#cards .word")).to_have_text(["Asking"] * 5)
    wait_until(page, lambda: len(gate.held) == 2)
    page.wait_for_timeout(300)  # a third would come right away
    assert len(gate.held) == 2
    page.get_by_role("button", name="Stop").click()
    cards_say(page, *["COULD NOT BE EXAMINED"] * 5)
    expect(page.locator("#cards .error")).to_have_text(["Not asked: you stopped before."] * 5)
    expect(page.get_by_role("status")).to_have_text("5 asked: 5 COULD NOT BE EXAMINED")
    assert len(gate.held) == 2


def test_what_is_asked_meanwhile_joins_the_line(screen: Screen, token: str) -> None:
    page = screen.sign_in(token)
    gate = Gate(page)
    page.locator("input[name=files]").set_input_files([file("first.txt", b"1")])
    expect(page.locator("#cards .word")).to_have_text(["Asking"])
    page.get_by_label("Digests").fill(digest())
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("#progress-words")).to_have_text("0 of 2 answered")
    gate.open()
    expect(page.get_by_role("status")).to_have_text("2 asked: 2 NEW by digest only")


def test_after_a_stop_one_can_ask_again(screens: Opened, token: str) -> None:
    page = screens().sign_in(token)
    gate = Gate(page)
    page.locator("input[name=files]").set_input_files([file("a.txt", b"a")])
    page.get_by_role("button", name="Stop").click()
    cards_say(page, "COULD NOT BE EXAMINED")
    gate.open()
    page.locator("input[name=files]").set_input_files([file("a.txt", b"a")])
    cards_say(page, "NEW by digest only", "COULD NOT BE EXAMINED")


def test_a_lost_connection_is_said_on_the_card_of_its_item(screens: Opened, token: str) -> None:
    screen = screens()
    page = screen.sign_in(token)
    screen.context.set_offline(True)
    page.locator("input[name=files]").set_input_files([file("a.txt", b"a")])
    cards_say(page, "COULD NOT BE EXAMINED")
    expect(page.locator("#cards .item")).to_have_text("a.txt")
    expect(page.locator("#cards .error")).to_contain_text("No answer came")
    screen.context.set_offline(False)
    page.locator("input[name=files]").set_input_files([file("b.txt", b"b")])
    cards_say(page, "NEW by digest only", "COULD NOT BE EXAMINED")


def test_an_ended_session_stops_and_says_so(screens: Opened, token: str) -> None:
    screen = screens()
    page = screen.sign_in(token)
    screen.context.clear_cookies(name="concord_session")
    page.locator("input[name=files]").set_input_files([file(f"{number}.txt", b"x") for number in range(4)])
    expect(page.get_by_role("alert")).to_contain_text("Sign in")
    cards_say(page, *["COULD NOT BE EXAMINED"] * 4)


def test_a_file_over_the_limit_is_not_even_sent(screen: Screen, token: str) -> None:
    page = screen.sign_in(token)
    sent = posts_of(page)
    page.evaluate("document.getElementById('ask').dataset.fileBytes = '10'")
    page.locator("input[name=files]").set_input_files([file("large.jpg", b"x" * 11)])
    expect(page.locator("#cards .error")).to_contain_text("larger than the")
    assert sent == []


def test_where_files_are_not_taken_a_dropped_one_is_not_even_sent(screen: Screen, token: str) -> None:
    page = screen.sign_in(token)
    page.locator("fieldset.drop").evaluate("files => files.disabled = true")  # as such a server's page has it
    sent = posts_of(page)
    page.dispatch_event("footer", "drop", {"dataTransfer": dropped_on(page)})
    expect(page.get_by_role("alert")).to_contain_text("This server takes no files with a question.")
    assert sent == []


def test_more_items_than_a_page_holds_are_refused(screen: Screen, token: str) -> None:
    page = screen.sign_in(token)
    page.get_by_label("Digests").fill("x\n" * 1_001)
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_role("alert")).to_contain_text("1001 items in one call are too many")
    expect(page.locator("#cards .card")).to_have_count(0)


# ---- what must never happen ----


def test_a_name_with_markup_is_text(screen: Screen, token: str) -> None:
    page = screen.sign_in(token)
    evil = "<img src=x onerror=document.title='owned'>.txt"
    page.locator("input[name=files]").set_input_files([file(evil, b"words")])
    cards_say(page, "NEW by digest only")
    expect(page.locator("#cards .item")).to_have_text(evil)
    expect(page).to_have_title("Concord")
    expect(page.locator("#cards img")).to_have_count(0)


def test_the_watch_for_violations_sees_one(screens: Opened, token: str) -> None:
    screen = screens()
    page = screen.sign_in(token)
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('img'), {src: 'data:image/png;base64,AA=='}))"
    )
    expect(page.locator("body > img")).to_have_count(1)
    wait_until(page, lambda: any("Content Security Policy" in complaint for complaint in screen.complaints))


# ---- how it looks ----


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_is_wider_than_the_window(screens: Opened, token: str, desk: Desk, width: int) -> None:
    picture = desk.picture("wide.jpg")
    desk.enter(picture)
    screen = screens(viewport={"width": width, "height": 800})
    too_wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    screen.page.goto("/sign-in")
    assert not screen.page.evaluate(too_wide)
    page = screen.sign_in(token)
    assert not page.evaluate(too_wide)
    page.locator("input[name=files]").set_input_files([file("long-name-" * 20 + ".jpg", picture.read_bytes())])
    cards_say(page, "KNOWN")
    assert not page.evaluate(too_wide)
    page.goto("/nowhere")
    assert not page.evaluate(too_wide)


def test_light_and_dark_differ(screens: Opened) -> None:
    shots = []
    for scheme in ("light", "dark"):
        page = screens(color_scheme=scheme).page
        page.goto("/sign-in")
        shots.append(page.screenshot())
    assert shots[0] != shots[1]


def test_targets_are_large_enough_to_hit(screen: Screen, token: str) -> None:
    page = screen.sign_in(token)
    page.locator("input[name=files]").set_input_files([file("a.txt", b"a")])
    cards_say(page, "NEW by digest only")
    for control in page.locator("a:visible, button:visible, select:visible, .pick:visible").all():
        box = control.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 24


@pytest.mark.parametrize("width", [390, 800, 1280])
def test_a_report_breaks_no_answer_within_a_word(screens: Opened, tmp_path: Path, width: int) -> None:
    answer = told("/media/disk/" + "deep/" * 20 + "a.jpg", known=True) | {"qualifiers": ["UNCONFIRMED"]}
    report = tmp_path / "report.html"
    write_report(report, Heading(utc_now(), "Ada", "Unit", "XA", "TRAINING", ["disk"], False, True), [answer] * 2)
    page = screens(viewport={"width": width, "height": 800}).page
    page.goto(report.as_uri())
    lines = """text => {
        const range = document.createRange(), place = text.firstChild.data.indexOf("UNCONFIRMED");
        range.setStart(text.firstChild, place), range.setEnd(text.firstChild, place + "UNCONFIRMED".length);
        return range.getClientRects().length;
    }"""
    assert [cell.evaluate(lines) for cell in page.locator("td:nth-child(2) bdi", has_text="UNCONFIRMED").all()] == [
        1,
        1,
    ]
    assert page.evaluate("document.documentElement.scrollWidth") == width
