"""The GX file context made from the declarations: suites, validation definitions, the checkpoint, the data source.

`python -m social_sla.quality.context` (make expectations) writes it into `expectations/`, where it is kept under
version control; a test says when it no longer fits the declarations. All ids are derived from names, so writing it
again changes nothing.
"""

from __future__ import annotations

import json
import sys
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from social_sla.quality.declarations import Expectation, Suite, load_suites

CHECKPOINT = "gate"
DATA_SOURCE = "warehouse"
BATCH = "whole_table"
DECLARED = "declared"
_NAMESPACE = uuid.UUID("5b7e6b0e-0a0e-5c86-9a53-1f6f0c8f4f1d")
_URL_VARIABLE = "SOCIAL_SLA_GATE_URL"
_HEADER = "# Written by `python -m social_sla.quality.context` from declared/*.yaml: edit those.\n"


def _id(*parts: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, "/".join(parts)))


def _reference(kind: str, name: str) -> dict[str, str]:
    return {"id": _id(kind, name), "name": name}


def _expectation(expectation: Expectation) -> dict[str, Any]:
    return {
        "type": "unexpected_rows_expectation",
        "id": _id("expectation", expectation.name),
        "description": expectation.says,
        "severity": expectation.severity,
        "kwargs": {"unexpected_rows_query": expectation.gx_sql},
        "meta": {
            "rule": expectation.name,
            "mart": expectation.table,
            "severity": expectation.severity,
            "columns": list(expectation.columns),
        },
    }


def _suite(suite: Suite) -> dict[str, Any]:
    return {
        "name": suite.name,
        "id": _id("suite", suite.name),
        "expectations": [_expectation(expectation) for expectation in suite.expectations],
        "meta": {"great_expectations_version": "1.24.1", "table": suite.table},
        "notes": suite.meaning,
    }


def _validation_definition(suite: Suite) -> dict[str, Any]:
    return {
        "name": suite.name,
        "id": _id("validation_definition", suite.name),
        "data": {
            "datasource": _reference("datasource", DATA_SOURCE),
            "asset": _reference("asset", suite.name),
            "batch_definition": {"id": _id("batch_definition", suite.name), "name": BATCH},
        },
        "suite": _reference("suite", suite.name),
    }


def _checkpoint(suites: Sequence[Suite]) -> dict[str, Any]:
    return {
        "name": CHECKPOINT,
        "id": _id("checkpoint", CHECKPOINT),
        "validation_definitions": [_reference("validation_definition", suite.name) for suite in suites],
        "actions": [],
        # The rows themselves, so that a message can name them; the SQL selects ids and figures, never texts.
        "result_format": {"result_format": "COMPLETE"},
    }


def _asset(suite: Suite) -> dict[str, Any]:
    schema, _, table = suite.table.partition(".")
    return {
        "type": "table",
        "id": _id("asset", suite.name),
        "batch_metadata": {},
        "batch_definitions": {BATCH: {"id": _id("batch_definition", suite.name), "partitioner": None}},
        "table_name": table,
        "schema_name": schema,
    }


def _store(class_name: str, directory: str) -> dict[str, Any]:
    return {
        "class_name": class_name,
        "store_backend": {
            "class_name": "TupleFilesystemStoreBackend",
            "base_directory": directory,
            "suppress_store_backend_id": True,
        },
    }


def _project(suites: Sequence[Suite]) -> dict[str, Any]:
    return {
        "config_version": 4.0,
        "analytics_enabled": False,
        "data_context_id": _id("context", "gate"),
        "config_variables_file_path": "uncommitted/config_variables.yml",
        "plugins_directory": "plugins/",
        "progress_bars": {"globally": False},
        "expectations_store_name": "expectations_store",
        "validation_results_store_name": "validation_results_store",
        "checkpoint_store_name": "checkpoint_store",
        "stores": {
            "expectations_store": _store("ExpectationsStore", "expectations/"),
            "validation_definition_store": _store("ValidationDefinitionStore", "validation_definitions/"),
            "checkpoint_store": _store("CheckpointStore", "checkpoints/"),
            "validation_results_store": _store("ValidationResultsStore", "uncommitted/validations/"),
        },
        "data_docs_sites": {
            "gate": {
                "class_name": "SiteBuilder",
                "show_how_to_buttons": False,
                "store_backend": {
                    "class_name": "TupleFilesystemStoreBackend",
                    "base_directory": "uncommitted/data_docs/",
                },
                "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            }
        },
        "fluent_datasources": {
            DATA_SOURCE: {
                "type": "sql",
                "id": _id("datasource", DATA_SOURCE),
                "connection_string": f"${{{_URL_VARIABLE}}}",
                "assets": {suite.name: _asset(suite) for suite in suites},
            }
        },
    }


def _json(data: Mapping[str, Any]) -> str:
    return json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def context_files(suites: Sequence[Suite]) -> dict[str, str]:
    """The whole GX file context, as relative path → text."""
    files = {
        "great_expectations.yml": _HEADER + yaml.safe_dump(_project(suites), sort_keys=False),
        f"checkpoints/{CHECKPOINT}.json": _json(_checkpoint(suites)),
    }
    for suite in suites:
        files[f"expectations/{suite.name}.json"] = _json(_suite(suite))
        files[f"validation_definitions/{suite.name}.json"] = _json(_validation_definition(suite))
    return files


def write_context(directory: Path, suites: Sequence[Suite], *, url: str | None = None) -> None:
    """Write the context into a folder, and leave no file of a suite that is no longer declared.

    Args:
        directory: the context's root.
        suites: what `load_suites` gave.
        url: the SQLAlchemy URL of the warehouse, for a context that is to be run; None writes the reusable files.
    """
    files = context_files(suites)
    if url is not None:
        files["uncommitted/config_variables.yml"] = yaml.safe_dump({_URL_VARIABLE: url})
    for folder in ("expectations", "validation_definitions", "checkpoints"):
        for stale in (directory / folder).glob("*.json"):
            if f"{folder}/{stale.name}" not in files:
                stale.unlink()
    for name, text in files.items():
        target = directory / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")


def main(arguments: Sequence[str]) -> int:
    """Write the context of the project's (or the given) expectations folder."""
    from social_sla.settings import Settings

    directory = Path(arguments[0]) if arguments else Settings.from_env().expectations_dir
    write_context(directory, load_suites(directory / DECLARED))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
