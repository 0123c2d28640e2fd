from tests.cli.seized import new_digest
from tests.cli.terminal import Clerk


def test_ones_own_entries_are_read_and_others_only_by_those_who_may(clerk: Clerk) -> None:
    digest = new_digest()
    clerk.run("ask", digest)
    said = clerk.run("audit", "--verb", "ASK")
    assert (said.status, said.err) == (0, "")
    assert said.out.splitlines()[0].endswith(f"ASK DONE  TRAINING  {digest}")
    assert clerk.run("audit", "--whose", "mine", "--verb", "ASK", "--json").objects[0]["items"] == [digest]
    refused = clerk.run("audit", "--whose", "country")
    assert refused.status == 1
    assert "open to AUDITOR, DATA-PROTECTION" in refused.err


def test_who_is_no_administrator_is_told_so_by_every_command(clerk: Clerk) -> None:
    for command in (
        ("user", "add", "Noa", "--unit", "North"),
        ("user", "list"),
        ("unit", "add", "North"),
        ("grant", "Noa", "OFFICER"),
        ("revoke", "Noa", "OFFICER"),
        ("user", "disable", "Noa"),
        ("certificate", "issue", "Noa", "--course", "first"),
        ("certificate", "revoke", "Noa"),
        ("country", "participation", "FULL"),
        ("bureau", "North"),
    ):
        said = clerk.run(*command)
        assert said.status == 1, command
        assert "is open to none of your roles" in said.err, command


def test_a_role_or_a_way_of_taking_part_that_is_none_is_wrong_usage(clerk: Clerk) -> None:
    for command, known in ((("grant", "Noa", "KING"), "OFFICER"), (("country", "participation", "HALF"), "FULL")):
        said = clerk.run(*command)
        assert said.status == 2
        assert known in said.err
