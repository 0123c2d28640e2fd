"""Proposals and supervision at a terminal."""

from collections.abc import Callable

from tests.cli.terminal import Clerk


def test_a_story_of_two_proposals(clerk_of: Callable[[str], Clerk]) -> None:
    ours, theirs = clerk_of("XA"), clerk_of("XB")
    person, other = (clerk.make("person", "add", "--role", "VICTIM", "--label", "P-1") for clerk in (ours, theirs))
    assert ours.run("propose", "edit", "person", person, "state", "identified", "--reason", "so").out.endswith(
        "  done\n"
    )
    (edit,) = theirs.run("propose", "edit", "person", person, "label", "P-2", "--reason", "so", "--json").objects
    (merge,) = theirs.run("propose", "merge", "person", person, other, "--reason", "the same", "--json").objects
    assert (edit["state"], merge["state"]) == ("OPEN", "OPEN")
    listed = ours.run("proposals").out
    assert "label = P-2" in listed
    assert f"person {person}, {other}: merge" in listed
    assert ours.run("refuse", edit["proposal"], "--reason", "no").out == "refused\n"
    assert ours.run("agree", merge["proposal"]).out == "done\n"
    assert ours.run("proposals").out == ""
    assert "refuses: no" in theirs.run("proposals", "--all").out
    (last,) = theirs.run("propose", "edit", "person", person, "label", "P-3", "--reason", "so", "--json").objects
    assert ours.run("decide", last["proposal"], "--accept", "--reason", "so").status == 1
    assert theirs.run("withdraw", last["proposal"]).out == "withdrawn\n"


def test_supervision_is_for_supervisors(clerk_of: Callable[[str], Clerk]) -> None:
    clerk = clerk_of("XA")
    for arguments in (("list",), ("waiting",), ("widen", "Somebody", "--more", "5", "--reason", "so")):
        assert "none of your roles" in clerk.run("supervise", *arguments).complaint
