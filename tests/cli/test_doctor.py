from concord.cli.doctor import warnings_of


def test_where_every_wall_stands_nothing_is_said() -> None:
    assert list(warnings_of(("rlimits", "landlock", "seccomp"), ())) == []


def test_a_missing_wall_is_named_with_its_reason() -> None:
    (warning,) = warnings_of(("rlimits", "seccomp"), ("landlock (Function not implemented)",))
    assert warning.startswith("MISSING: landlock (Function not implemented).")


def test_where_no_wall_can_be_raised_it_is_said_loudly_with_the_way_out() -> None:
    loud, quiet = warnings_of(("rlimits",), ("landlock (only Linux has it)", "seccomp (only Linux has it)"))
    assert loud.startswith("NO WALL AROUND HOSTILE FILES: ")
    assert "LINUX 5.13" in loud
    assert "seccomp (only Linux has it)" in quiet
