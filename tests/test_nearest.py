"""The version nearest to what was asked for: a function over a list of versions."""

import pytest

from slurmfix.recipe.nearest import is_another_major, is_met, meeting, nearest

VERSIONS = ("1.13.1", "1.26.3", "1.26.4", "2.0.1", "2.1.2", "2.4.0")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("==1.26.4", "1.26.4"),  # itself
        ("==1.26.0", "1.26.3"),  # the same minor release, at or above
        ("==1.26.9", "1.26.4"),  # the same minor release, below
        ("==1.23.5", "1.26.3"),  # the same major one, above
        ("==1.26.*", "1.26.3"),
        ("~=1.40", "1.26.4"),  # the same major one, below
        ("==2.9", "2.4.0"),
        ("==0.9", "1.13.1"),  # the next above
        ("==3.1", "2.4.0"),  # the newest
        ("<1.5", "1.13.1"),
        (">=1.14,<1.20", "1.26.3"),  # the number of the lower bound
        ("<1.20,>=1.14", "1.26.3"),
        ("", "2.4.0"),
    ],
)
def test_the_nearest_version(asked: str, expected: str) -> None:
    assert nearest(asked, VERSIONS) == expected


def test_pre_releases_count_where_nothing_else_does() -> None:
    assert meeting("", ("1.0", "2.0a1")) == ("1.0",)
    assert meeting("", ("2.0a1",)) == ("2.0a1",)


@pytest.mark.parametrize(
    ("asked", "met"), [("", True), ("==1.26.4", True), ("==1.26", False), (">=2.4", True), (">2.4", False)]
)
def test_whether_some_version_will_do(asked: str, met: bool) -> None:
    assert is_met(asked, VERSIONS) is met


def test_nothing_is_met_where_there_is_no_wheel() -> None:
    assert not is_met("", ()) and meeting("", ()) == ()


@pytest.mark.parametrize(
    ("asked", "taken", "other"), [("==1.26", "2.0", True), (">=1", "1.9", False), ("", "2", False)]
)
def test_another_major_version(asked: str, taken: str, other: bool) -> None:
    assert is_another_major(asked, taken) is other
