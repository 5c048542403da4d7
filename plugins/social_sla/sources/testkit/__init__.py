"""The kit: tests that every connector passes, over real HTTP on 127.0.0.1. How to use it: docs/sources/adding-one.md.

It is part of the package, so that a connector outside this project can be held to the same. It needs pytest.
"""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("social_sla.sources.testkit.suite", "social_sla.sources.testkit.openapi")

from social_sla.sources.testkit.case import KitCase, StreamCase, since  # noqa: E402
from social_sla.sources.testkit.openapi import Lexicons, OpenApi  # noqa: E402
from social_sla.sources.testkit.pages import (  # noqa: E402
    CursorPages,
    LinkPages,
    NumberPages,
    OffsetPages,
    UrlPages,
    WholePage,
)
from social_sla.sources.testkit.server import Answer, Call, FakeVendor, Fault, running_vendor  # noqa: E402
from social_sla.sources.testkit.suite import ConnectorSuite  # noqa: E402

__all__ = [
    "Answer",
    "Call",
    "ConnectorSuite",
    "CursorPages",
    "FakeVendor",
    "Fault",
    "KitCase",
    "Lexicons",
    "LinkPages",
    "NumberPages",
    "OffsetPages",
    "OpenApi",
    "StreamCase",
    "UrlPages",
    "WholePage",
    "running_vendor",
    "since",
]
