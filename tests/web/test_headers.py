import re

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import RequestFactory

from concord.web.headers import HEADERS, StrictHeaders, content_security_policy
from tests.web.visitor import Visitor


@pytest.mark.parametrize("address", ["/sign-in", "/", "/nowhere", "/static/concord/ask.js", "/static/nothing"])
def test_every_response_has_the_strict_headers(visitor: Visitor, address: str) -> None:
    response = visitor.get(address)
    for name, value in HEADERS.items():
        assert response[name] == value


def test_only_static_files_may_be_kept(visitor: Visitor) -> None:
    assert visitor.get("/sign-in")["Cache-Control"] == "no-store"
    assert visitor.get("/nowhere")["Cache-Control"] == "no-store"
    assert "no-store" not in visitor.get("/static/concord/page.css")["Cache-Control"]


@pytest.mark.parametrize("address", ["/sign-in", "/nowhere", "/static/concord/page.css"])
def test_over_tls_browsers_are_told_to_come_by_nothing_else(visitor: Visitor, address: str) -> None:
    assert "Strict-Transport-Security" not in visitor.get(address)
    told = visitor.client.get(address, headers={"X-Forwarded-Proto": "https"})
    assert told["Strict-Transport-Security"] == "max-age=63072000"
    assert all(cookie["secure"] and cookie["httponly"] for cookie in told.cookies.values())


def test_a_page_cannot_loosen_them() -> None:
    response = HttpResponse(headers={"Content-Security-Policy": "default-src *", "Cache-Control": "public"})
    response = StrictHeaders(lambda request: response)(RequestFactory().get("/"))
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert response["Cache-Control"] == "no-store"


def test_nothing_is_allowed_but_what_this_installation_serves() -> None:
    policy = content_security_policy("N")
    assert "default-src 'none'" in policy
    sources = {word for rule in policy.split("; ") for word in rule.split()[1:]}
    assert sources == {"'none'", "'self'", "'nonce-N'", "'script'", "concord"}
    assert "script-src 'nonce-N';" in policy  # not even another file of this installation runs


def test_every_response_has_a_nonce_of_its_own_and_its_tags_carry_it(visitor: Visitor) -> None:
    nonces = set()
    for _ in range(3):
        response = visitor.get("/sign-in")
        (nonce,) = set(re.findall(r"'nonce-([^']+)'", response["Content-Security-Policy"]))
        tags = re.findall(r'<(?:script|link rel="stylesheet")[^>]*>', response.content.decode())
        assert len(tags) >= 5
        assert all(f'nonce="{nonce}"' in tag for tag in tags)
        nonces.add(nonce)
    assert len(nonces) == 3


TEMPLATES = sorted((settings.TEMPLATES[0]["DIRS"][0]).glob("*.html"))
STYLES = sorted((settings.STATICFILES_DIRS[0] / "concord").glob("*.css"))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_carries_script_or_style_of_its_own(template: object) -> None:
    text = template.read_text()  # type: ignore[attr-defined]
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|https?://", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert "|safe" not in text
    assert "autoescape off" not in text


PHYSICAL = r"(?:^|[\s;{])(?:(?:margin|padding|border)-(?:left|right|top|bottom)|left|right|top|bottom|width|height)\s*:"


@pytest.mark.parametrize("style", STYLES, ids=lambda path: path.name)
def test_no_style_knows_left_from_right(style: object) -> None:
    text = re.sub(r"/\*.*?\*/|@(?:media|container)[^{]*", "", style.read_text(), flags=re.DOTALL)  # type: ignore[attr-defined]
    assert not re.search(PHYSICAL, text, re.MULTILINE)
    assert not re.search(r"text-align:\s*(left|right)", text)
