"""The HTTP server of tests is the kit's."""

from __future__ import annotations

from social_sla.sources.testkit.server import Answer, Call, Handler
from social_sla.sources.testkit.server import FakeVendor as HttpStub
from social_sla.sources.testkit.server import running_vendor as running_stub

__all__ = ["Answer", "Call", "Handler", "HttpStub", "running_stub"]
