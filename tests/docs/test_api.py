"""docs/api.md: what it lists is what the OpenAPI document tells."""

import re
from typing import Any

import pytest

from concord.actions.installation import Installation
from concord.api.openapi import REFUSALS, document
from concord.api.statuses import STATUS
from concord.api.table import endpoints
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "api.md").read_text()


@pytest.fixture(scope="module")
def told(installation: Installation) -> Any:
    return document(endpoints(installation))


def test_every_address_stands_on_the_page_and_no_other(told: Any) -> None:
    listed = re.findall(r"^\| `([A-Z]+ /api/v1/\S+)` \|", PAGE, re.MULTILINE)
    known = {f"{method.upper()} {address}" for address, item in told["paths"].items() for method in item}
    assert sorted(listed) == sorted(known)


def test_every_status_stands_on_the_page_and_no_other(told: Any) -> None:
    listed = set(re.findall(r"^\| (\d{3}) \|", PAGE, re.MULTILINE))
    operations = [operation for item in told["paths"].values() for operation in item.values()]
    assert listed == {status for one in operations for status in one["responses"]} - {"200"}
    assert listed == REFUSALS.keys() == {str(status) for status in STATUS.values()}
