"""What only Intercom does: searches that may be coarse, and tickets among colleagues."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from social_sla.sources.check import check_source
from social_sla.sources.testkit.case import END, START
from social_sla.sources.testkit.server import Answer
from social_sla.sources.testkit.world import NOW, World, running_world

from tests.contract.test_kit_intercom import TestIntercom as Kit


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with running_world(Kit.case, tmp_path) as world:
        yield world


def test_a_search_is_generous_and_what_does_not_belong_is_left_out(world: World) -> None:
    world.fill("conversations", 3)
    world.change("conversations", 0, START - timedelta(hours=30))
    world.change("conversations", 2, END)
    assert world.extract("conversations").row_count == 1
    call = world.vendor.calls[0]
    after, before = (found["value"] for found in call.json["query"]["value"])
    assert after == (START - timedelta(days=2)).timestamp()
    assert before == (END + timedelta(days=2)).timestamp()
    assert call.headers["intercom-version"] == "2.15"


def test_tickets_among_colleagues_are_not_opened(world: World) -> None:
    world.fill("tickets", 3)
    world.edit("tickets", 0, lambda record: {**record, "category": "Back-office"})
    world.extract("tickets")
    world.extract("ticket_parts")
    assert [call.path for call in world.vendor.calls if call.method == "GET"] == ["/tickets/701", "/tickets/702"]


def test_a_token_of_another_workspace_is_refused(world: World) -> None:
    world.vendor.on("/me", Answer({"id": "3", "app": {"id_code": "zzzz"}}))
    report = check_source(Kit.case.declared, "ecahpwf5", world.credentials(), now=NOW, client_options=world.options())
    assert not report.ok
    assert "workspace zzzz, not of ecahpwf5" in str(report)
