"""Reading releases: list, current, by id, and the difference of two."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from social_sla.settings import Settings
from social_sla.warehouse.publish import keep_for_ever, publish
from social_sla.warehouse.releases import ReleaseError, current_release, diff_releases, get_release, list_releases

from tests.unit.warehouse.publish_builds import AS_OF, build, passing, settings_of


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_of(tmp_path)


def test_before_the_first_release_there_is_none(settings: Settings) -> None:
    assert list_releases(settings) == []
    assert current_release(settings) is None


def test_only_whole_releases_are_listed(settings: Settings) -> None:
    build(settings, 1)
    release = publish(settings, gate=passing(settings), as_of=AS_OF)
    (settings.releases_dir / "20261103T000000Z-aaaaaaaaaaaa").mkdir()
    (settings.releases_dir / ".writing-20261103T000000Z-bbbbbbbbbbbb").mkdir()
    assert list_releases(settings) == [release]
    assert get_release(settings, release.release_id) == release
    with pytest.raises(ReleaseError, match=f"known: {release.release_id}"):
        get_release(settings, "../../etc")


def test_an_unreadable_manifest_says_which(settings: Settings) -> None:
    folder = settings.releases_dir / "20261103T000000Z-aaaaaaaaaaaa"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text("{}")
    with pytest.raises(ReleaseError, match="aaaaaaaaaaaa"):
        list_releases(settings)


def test_the_difference_of_two_releases(settings: Settings) -> None:
    releases = []
    for version, rows in ((1, 50), (2, 60)):
        build(settings, version, rows=rows)
        releases.append(publish(settings, gate=passing(settings), as_of=AS_OF))
    found = diff_releases(*releases)
    assert found.rows == {"fct_sla_clock": (50, 60)}
    (change,) = found.attainment
    assert (change.agreement_id, change.goal_id, change.period) == ("care", "first", "2026-10-01")
    assert (change.before_rate, change.after_rate) == (Decimal("0.1"), Decimal("0.2"))
    assert (change.before_decided_count, change.after_decided_count) == (101, 102)
    assert diff_releases(releases[0], releases[0]).attainment == []


def test_a_release_that_figures_were_signed_on_outlives_every_newer_one(settings: Settings) -> None:
    build(settings, 1)
    signed_on = publish(settings, gate=passing(settings), as_of=AS_OF)
    assert keep_for_ever(settings, signed_on.release_id).is_signed
    for version in (2, 3, 4):
        build(settings, version)
        publish(settings, gate=passing(settings), as_of=AS_OF, keep=1)
    assert signed_on.release_id in {release.release_id for release in list_releases(settings)}
    assert len(list_releases(settings)) == 2
    assert keep_for_ever(settings, signed_on.release_id) == get_release(settings, signed_on.release_id)
    with pytest.raises(ReleaseError, match="known:"):
        keep_for_ever(settings, "20261103T000000Z-aaaaaaaaaaaa")
