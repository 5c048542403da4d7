"""Only social_sla.airflow, the plugin file and dags/ know Airflow; importing the rest must not load it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
ALLOWED = ("plugins/social_sla/airflow/", "plugins/social_sla_plugin.py", "dags/")


def _imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(node.module or "")
    return names


def test_no_module_outside_imports_airflow() -> None:
    guilty = [
        path.relative_to(PROJECT).as_posix()
        for folder in ("plugins", "sandbox")
        for path in (PROJECT / folder).rglob("*.py")
        if not path.relative_to(PROJECT).as_posix().startswith(ALLOWED)
        and any(name.split(".")[0] == "airflow" for name in _imports(path))
    ]
    assert guilty == []


def test_the_pipeline_steps_load_without_airflow() -> None:
    modules = "social_sla.extraction, social_sla.warehouse.load, social_sla.warehouse.build, social_sla.review_months"
    code = f"import sys, {modules}; sys.exit('airflow' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": str(PROJECT / "plugins")}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_dag_files_are_wiring_and_short() -> None:
    lengths = {path.name: len(path.read_text().splitlines()) for path in (PROJECT / "dags").glob("*.py")}
    assert max(lengths.values()) <= 120, lengths
