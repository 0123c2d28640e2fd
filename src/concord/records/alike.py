"""Answers to very many questions, most of which differ in names only: each kind is decided once. Pure, as deciding is."""

from collections.abc import Hashable

import msgspec

from concord.records.answer import Answer, Evidence, Question, decide

KINDS_KEPT = 1024


class Decider:
    """Gives what `decide` gives, for askers of one country."""

    def __init__(self, country: str) -> None:
        self._country = country
        self._decided: dict[Hashable, Answer] = {}

    def decide(self, question: Question, evidence: Evidence) -> Answer:
        kind = _kind_of(question, evidence)
        if kind is None:
            return decide(question, evidence, self._country)
        like = self._decided.get(kind)
        if like is None:
            if len(self._decided) >= KINDS_KEPT:
                self._decided.clear()
            like = self._decided[kind] = decide(question, evidence, self._country)
        matches = like.matches
        if matches:
            material = evidence.holdings[0].material
            matches = tuple([msgspec.structs.replace(match, material=material) for match in matches])
        return msgspec.structs.replace(like, item=question.item, sha256=question.sha256, matches=matches)


def _kind_of(question: Question, evidence: Evidence) -> Hashable | None:
    """Everything that an answer depends on but its names; None: it may depend on them.

    An error names its item. Of several materials the ids decide which comes first; of one they decide nothing.
    """
    if question.error:
        return None
    if len(evidence.holdings) > 1 and len({one.material for one in evidence.holdings}) > 1:
        return None
    holdings = tuple([(one.contact, one.category, one.distance, one.transform) for one in evidence.holdings])
    withheld = tuple(evidence.restricted), evidence.suspended
    asked = tuple(question.compared), tuple(question.not_compared), withheld
    if not evidence.persons and not evidence.series:
        return asked, holdings
    numbers = {person: number for number, person in enumerate(dict.fromkeys(one.person for one in evidence.persons))}
    persons = tuple((numbers[one.person], one.role, one.state) for one in evidence.persons)
    return asked, holdings, persons, tuple(one.series for one in evidence.series)
