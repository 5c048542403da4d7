"""An extraction in a process of its own, for the test that kills it. What to do comes by stdin: it holds a secret."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from importlib import import_module


def main() -> None:
    """Runs one extraction."""
    told = json.load(sys.stdin)
    sys.path[:0] = [entry for entry in told["path"] if entry not in sys.path]
    from social_sla.landing import Landing
    from social_sla.sources.base import Credentials
    from social_sla.sources.extract import extract_stream

    module, _, name = told["source"].partition(":")
    start, end = (datetime.fromisoformat(moment) for moment in told["window"])
    credentials = Credentials(told["connection"], told["base_url"], told["login"], told["token"], told["extra"])
    extract_stream(
        getattr(import_module(module), name),
        told["stream"],
        told["account"],
        credentials,
        (start, end),
        Landing(told["landing"]),
        "killed",
        now=datetime.fromisoformat(told["now"]),
    )


if __name__ == "__main__":
    # Python puts this file's folder in front of the path, where its neighbours would hide other modules.
    sys.path.pop(0)
    main()
