"""The connector that docs/sources/adding-one.md builds passes the kit, as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


def test_the_example_of_the_page_passes_the_kit(tmp_path: Path) -> None:
    page = (PROJECT / "docs" / "sources" / "adding-one.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n# (\S+\.py)\n(.*?)```", page, flags=re.DOTALL)
    assert [name for name, _ in blocks] == ["ticketly.py", "test_kit_ticketly.py"]
    for name, code in blocks:
        (tmp_path / name).write_text(code, encoding="utf-8")
    paths = [str(tmp_path), str(PROJECT / "plugins"), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_kit_ticketly.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert "passed" in done.stdout
