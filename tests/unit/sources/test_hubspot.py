"""What only HubSpot does: histories by batches of ids, and threads that are closed long after their last message."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from social_sla.sources.testkit.case import START
from social_sla.sources.testkit.world import World, running_world

from tests.contract.test_kit_hubspot import TestHubspot as Kit
from tests.contract.test_kit_hubspot import iso


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with running_world(Kit.case, tmp_path) as world:
        yield world


def test_histories_are_read_fifty_tickets_at_a_time(world: World) -> None:
    world.fill("tickets", 101)
    world.extract("tickets")
    world.extract("ticket_histories")
    asked = [call.json["inputs"] for call in world.list_calls("ticket_histories")]
    assert [len(inputs) for inputs in asked] == [50, 50, 1]
    assert len({found["id"] for inputs in asked for found in inputs}) == 101


def test_a_thread_that_is_closed_long_after_its_last_message_lands(world: World) -> None:
    world.fill("threads", 3)
    for number in range(3):
        world.change("threads", number, START - timedelta(days=9))
    closed = iso(START + timedelta(hours=5))
    world.edit("threads", 1, lambda record: {**record, "status": "CLOSED", "closedAt": closed})
    (landed,) = world.read(world.extract("threads"))
    assert (landed.record_id, json.loads(landed.payload)["changed_at"]) == ("701", closed)
