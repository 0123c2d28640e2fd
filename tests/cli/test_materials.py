from pathlib import Path

from tests.cli.terminal import Clerk
from tests.pictures import jpeg


def test_what_the_unit_entered_is_listed_newest_first_with_the_ids(clerk: Clerk, tmp_path: Path) -> None:
    entered = []
    for seed in (4101, 4102):
        path = tmp_path / f"{seed}.jpg"
        path.write_bytes(jpeg(seed))
        entered += clerk.enter(path)
    listed = clerk.run("materials", "--json").objects
    assert [one["material"] for one in listed][:2] == [line["material"] for line in reversed(entered)]
    newest = listed[0]
    said = clerk.run("materials", "--limit", "1")
    assert (said.status, said.err) == (0, "")
    assert all(newest[name] in said.out for name in ("instance", "contribution", "material"))
    assert listed[1]["instance"] not in said.out


def test_a_contribution_that_was_listed_can_be_restricted(clerk: Clerk, tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(jpeg(4103))
    clerk.enter(path)
    (one,) = clerk.run("materials", "--limit", "1", "--json").objects
    said = clerk.run("restrict", "set", "contribution", one["contribution"], "--reason", "why", "--own-unit-only")
    assert (said.status, said.err) == (0, "")
