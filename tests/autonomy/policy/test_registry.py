"""Names of policies, shares of a fleet, folders of releases."""

from pathlib import Path

import pytest

from autonomy.policy.registry import BadPolicy, Post, Share, parse_shares, posts, release_folder, releases

CARS = ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ("rules", (Share("rules", None),)),
        ("vla-2.0", (Share("vla-2.0", None),)),
        ("vla-2.0:12,rules", (Share("vla-2.0", 12), Share("rules", None))),
        ("vla-2.0:2, vla-1.0:1", (Share("vla-2.0", 2), Share("vla-1.0", 1))),
    ],
)
def test_shares_are_read(text: str, shares: tuple[Share, ...]) -> None:
    assert parse_shares(text) == shares


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "'' is not a name"),
        ("vla 2", "'vla 2' is not a name"),
        ("../../etc", "is not a name"),
        ("VLA", "'VLA' is not a name"),
        ("vla-2.0:", "has no number of cars"),
        ("vla-2.0:-1,rules", "has no number of cars"),
        ("vla-2.0:many", "has no number of cars"),
        ("rules,vla-2.0:3", "before the last"),
    ],
)
def test_shares_that_mean_nothing_are_refused(text: str, wrong: str) -> None:
    with pytest.raises(BadPolicy, match=wrong):
        parse_shares(text)


def test_shares_are_given_in_the_order_of_the_cars_and_rules_take_the_rest() -> None:
    given = posts(CARS, parse_shares("vla-2.0:2,vla-1.0:1"), {})
    assert {car: post.policy for car, post in given.items()} == {
        "a": "vla-2.0",
        "b": "vla-2.0",
        "c": "vla-1.0",
        "d": "rules",
        "e": "rules",
    }
    assert list(given) == CARS


def test_a_cars_own_policy_goes_before_and_leaves_the_shares_to_the_others() -> None:
    own = {"a": Post("rules"), "d": Post("vla-2.0", shadow="vla-3.0")}
    given = posts(CARS, parse_shares("vla-2.0:2,rules"), own)
    assert [given[car].policy for car in CARS] == ["rules", "vla-2.0", "vla-2.0", "vla-2.0", "rules"]
    assert given["d"].shadow == "vla-3.0"
    assert [given[car].learned for car in CARS] == [False, True, True, True, False]


def test_more_cars_asked_for_than_there_are() -> None:
    assert {post.policy for post in posts(CARS, parse_shares("vla-2.0:12,rules"), {}).values()} == {"vla-2.0"}


def test_a_release_is_a_folder_with_a_manifest(tmp_path: Path) -> None:
    for name in ("vla-2.0", "vla-1.0"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text("{}")
    (tmp_path / "scratch").mkdir()
    assert releases(tmp_path) == ["vla-1.0", "vla-2.0"]
    assert release_folder("vla-2.0", tmp_path) == tmp_path / "vla-2.0"
    with pytest.raises(BadPolicy, match=r"'scratch' is not in .*; there are rules, vla-1.0, vla-2.0"):
        release_folder("scratch", tmp_path)
    with pytest.raises(BadPolicy, match="is not a name"):
        release_folder("../vla-2.0", tmp_path)
    assert releases(tmp_path / "nowhere") == []
