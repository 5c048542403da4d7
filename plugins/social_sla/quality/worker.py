"""The gate's process: reads a request on stdin, evaluates, stores the report. See `social_sla.quality.gate`."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path

from social_sla.quality.evaluate import Request, evaluate
from social_sla.quality.report import GateError


def main() -> int:
    """Evaluate the request on stdin; 0 when a report was stored, whatever it says."""
    asked = json.load(sys.stdin)
    request = Request(
        warehouse_path=Path(asked["warehouse_path"]),
        marts_path=Path(asked["marts_path"]),
        expectations_dir=Path(asked["expectations_dir"]),
        context_dir=Path(asked["home"]) / "gate" / "context",
        data_docs_dir=Path(asked["data_docs_dir"]),
        gate_run_id=asked["gate_run_id"],
        as_of=None if asked["as_of"] is None else datetime.fromisoformat(asked["as_of"]),
    )
    try:
        evaluate(request).save(Path(asked["report_path"]))
    except GateError as error:
        sys.stderr.write(f"{error}\n")
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
