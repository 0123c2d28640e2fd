from collections.abc import Callable, Iterator

import pytest
from django.http import Http404, HttpResponse
from django.test import RequestFactory, override_settings

from concord.actions.installation import Installation
from concord.errors import CannotRun, NotAllowed
from concord.web import pages
from tests.web.visitor import Visitor, addresses, text_of


@pytest.fixture(autouse=True)
def addressed(installation: Installation) -> Iterator[None]:
    with override_settings(ROOT_URLCONF=addresses(installation)):
        yield


REQUEST = RequestFactory().get("/")


@pytest.mark.parametrize(
    ("response", "status", "words"),
    [
        (lambda: pages.bad_request(REQUEST, ValueError()), 400, "cannot be read"),
        (lambda: pages.forbidden(REQUEST, PermissionError()), 403, "Not allowed"),
        (lambda: pages.not_found(REQUEST, Http404()), 404, "no such page"),
        (lambda: pages.server_error(REQUEST), 500, "on our side"),
        (lambda: pages.csrf_failure(REQUEST, "detail for developers"), 403, "no longer valid"),
        (lambda: pages.refused(REQUEST, NotAllowed(reason="the record belongs to XB")), 403, "belongs to XB"),
        (lambda: pages.refused(REQUEST, CannotRun()), 503, "cannot run here"),
    ],
)
def test_each_refusal_is_a_page_with_a_way_back(response: Callable[[], HttpResponse], status: int, words: str) -> None:
    made = response()
    assert made.status_code == status
    assert words in text_of(made)
    assert "Back to the first page" in text_of(made)
    assert "detail for developers" not in text_of(made)


def test_an_address_that_is_none_says_so(visitor: Visitor) -> None:
    response = visitor.get("/nowhere")
    assert response.status_code == 404
    assert "There is no such page" in text_of(response)
