"""JSON Schemas of the configuration files, so that an editor checks and completes them while they are written.

`python -m social_sla.agreements.schemas` writes them to config/schemas/. What needs more than one
value to be seen (references, dates in order) is checked by `load_config` alone.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from social_sla.agreements.agreement_models import Agreement
from social_sla.agreements.calendar_models import CalendarsFile
from social_sla.agreements.channel_models import ChannelsFile
from social_sla.agreements.credit_models import CreditDecisionsFile
from social_sla.settings import PROJECT_DIR

SCHEMAS_DIR = PROJECT_DIR / "config" / "schemas"
MODELS: dict[str, type[BaseModel]] = {
    "channels.schema.json": ChannelsFile,
    "calendars.schema.json": CalendarsFile,
    "agreement.schema.json": Agreement,
    "credit_decisions.schema.json": CreditDecisionsFile,
}


def json_schemas() -> dict[str, dict[str, Any]]:
    """File name → JSON Schema (draft 2020-12) of that kind of configuration file."""
    return {
        name: {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema()}
        for name, model in MODELS.items()
    }


def schema_text(schema: dict[str, Any]) -> str:
    """A schema as its file holds it."""
    return json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def write_schemas(directory: Path = SCHEMAS_DIR) -> list[Path]:
    """Writes every schema's file and returns their paths."""
    directory.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, schema in json_schemas().items():
        path = directory / name
        path.write_text(schema_text(schema), encoding="utf-8")
        paths.append(path)
    return paths


if __name__ == "__main__":
    for written in write_schemas():
        sys.stdout.write(f"{written}\n")
