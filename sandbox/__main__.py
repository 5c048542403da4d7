"""`python -m sandbox [--port 0] [--messages CSV] [--state DIR] [--faults FILE]`.

Prints one JSON line when it answers (and writes it to `<state>/sandbox.json`), then serves until it is stopped.
Exit status 2 and one line on stderr when the CSV, the fault file or the port cannot be used.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from sandbox.faults import FaultError
from sandbox.messages import MessagesError
from sandbox.server import build_sandbox, description, listen, server_of


def main(arguments: list[str] | None = None) -> int:
    """Start the server; returns when it is stopped."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="X and Zendesk on localhost.")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 (default) takes a free one")
    parser.add_argument("--messages", type=Path, help="CSV of real messages instead of the generated company")
    parser.add_argument("--state", type=Path, help="folder for sandbox.json")
    parser.add_argument("--faults", type=Path, help="JSON file with fault rules")
    options = parser.parse_args(arguments)
    try:
        sandbox = build_sandbox(options.messages)
        if options.faults is not None:
            sandbox.faults.add_file(options.faults)
        sock = listen(options.port)
    except (MessagesError, FaultError, OSError) as error:
        sys.stderr.write(f"sandbox: {error}\n")
        return 2
    # The socket listens already: calls that come before the server loop wait in its queue.
    line = json.dumps(description(sandbox, sock.getsockname()[1]))
    if options.state is not None:
        options.state.mkdir(parents=True, exist_ok=True)
        unfinished = options.state / "sandbox.json.part"
        unfinished.write_text(line + "\n", encoding="utf-8")
        unfinished.replace(options.state / "sandbox.json")
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
    server_of(sandbox).run(sockets=[sock])
    return 0


if __name__ == "__main__":
    sys.exit(main())
