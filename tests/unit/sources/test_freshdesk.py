"""What only Freshdesk does: lists apart for spam and the bin, and activities in files that lie elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from social_sla.sources.errors import IncompleteListingError
from social_sla.sources.testkit.server import Answer
from social_sla.sources.testkit.world import World, running_world

from tests.contract.test_kit_freshdesk import TestFreshdesk as Kit


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with running_world(Kit.case, tmp_path) as world:
        yield world


def test_spam_and_the_bin_are_read_too(world: World) -> None:
    world.fill("tickets", 3)
    world.edit("tickets", 1, lambda record: {**record, "spam": True})
    world.edit("tickets", 2, lambda record: {**record, "deleted": True})
    assert world.extract("tickets").row_count == 3
    assert {call.params.get("filter") for call in world.list_calls("tickets")} == {None, "spam", "deleted"}


def test_the_file_of_the_day_before_is_read_without_our_key(world: World) -> None:
    world.fill("ticket_activities", 2)
    world.extract("ticket_activities")
    asked, file = world.vendor.calls
    assert (asked.params, "authorization" in asked.headers) == ({"created_at": "2026-02-28"}, True)
    assert (file.path, file.params) == ("/files/activities_2026-02-28.json", {"X-Amz-Signature": "abc"})
    assert "authorization" not in file.headers


def test_equal_activities_both_land(world: World) -> None:
    world.fill("ticket_activities", 2)
    first = world.lists["ticket_activities"][0].record
    world.edit("ticket_activities", 1, lambda record: dict(first))
    landed = world.read(world.extract("ticket_activities"))
    assert len({record.record_id for record in landed}) == 2


def test_a_plan_without_the_export_is_not_asked(tmp_path: Path) -> None:
    with running_world(replace(Kit.case, extra={}), tmp_path) as world:
        world.fill("ticket_activities", 2)
        assert world.extract("ticket_activities").row_count == 0
        assert world.vendor.calls == []


@pytest.mark.parametrize("export", [[], {}])
def test_a_day_without_a_file_is_an_error_that_says_what_to_do(world: World, export: object) -> None:
    world.vendor.on("/api/v2/export/ticket_activities", Answer({"export": export}))
    with pytest.raises(IncompleteListingError, match=r"no file of the activities of 2026-02-28.*'ticket_activities'"):
        world.extract("ticket_activities")
