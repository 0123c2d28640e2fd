"""Answers as a journal keeps them."""

import uuid
from typing import Any

import msgspec

from concord.records.answer import Compared, Contact, Evidence, Fault, Holding, Question, decide
from concord.values import Category


def told(item: str, *, known: bool = False, error: str | None = None) -> dict[str, Any]:
    """As the published answer is shaped. One that is known is held by a unit of XB."""
    contact = Contact("XB", "Unit XB", "4101", "09-17", "UTC")
    held = [Holding(uuid.UUID(int=1), contact, Category.CATEGORY_1, None)] if known else []
    fault = Fault(error, f"{item}: {error}") if error else None
    question = Question(item, "ab" * 32, () if error else (Compared.DIGEST,), error=fault)
    answer: dict[str, Any] = msgspec.to_builtins(decide(question, Evidence(held), "XA"))
    return answer
