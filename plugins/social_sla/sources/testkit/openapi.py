"""Does a request exist in the vendor's own specification? OpenAPI (JSON or YAML) and AT protocol lexicons."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from social_sla.sources.testkit.server import Call


@cache
def _load(path: Path) -> Any:
    text = path.read_text(encoding="utf-8")
    return json.loads(text) if path.suffix == ".json" else yaml.load(text, Loader=yaml.CSafeLoader)


@dataclass(frozen=True)
class OpenApi:
    """One or more specifications of a vendor.

    Args:
        files: gives their paths; it may skip the test where they are not at hand.
        prefix: what our paths have in front of the specification's.
        strip: what the specification's paths have in front of ours.
        renamed: parameters that the file calls otherwise.
        unlisted: paths (regular expressions) that the vendor documents elsewhere.
    """

    files: Callable[[], list[Path]]
    prefix: str = ""
    strip: str = ""
    renamed: Mapping[str, str] = field(default_factory=dict)
    unlisted: tuple[str, ...] = ()

    def check(self, call: Call) -> None:
        """Raises AssertionError with what does not exist."""
        path = call.path.removeprefix(self.prefix)
        if any(re.fullmatch(pattern, path) for pattern in self.unlisted):
            return
        spec, template, operation = self._operation(path, call.method)
        shared = spec["paths"][template].get("parameters", [])
        parameters = {
            item["name"]: item for item in (_resolved(spec, one) for one in [*shared, *operation.get("parameters", [])])
        }
        query = {name: item for name, item in parameters.items() if item["in"] == "query"}
        for name, value in call.query:
            known = query.get(name) or query.get(self.renamed.get(name, name)) or query.get(name.removesuffix("[]"))
            assert known, f"{call.method} {template} has no parameter {name!r}; it has: {', '.join(sorted(query))}"
            _check_value(f"{template} {name}", _resolved(spec, known.get("schema", {})), value)
        asked = {self.renamed.get(name, name) for name, _ in call.query} | {name for name, _ in call.query}
        missing = {name for name, item in query.items() if item.get("required")} - asked
        assert not missing, f"{call.method} {template} needs {', '.join(sorted(missing))}"
        if call.json is not None:
            self._check_body(spec, template, operation, call.json)

    def _operation(self, path: str, method: str) -> tuple[dict[str, Any], str, dict[str, Any]]:
        for file in self.files():
            spec = _load(file)
            # Paths without placeholders are taken first: /conversations/search is no /conversations/{id}.
            for template in sorted(spec["paths"], key=lambda name: name.count("{")):
                pattern = re.sub(r"\\\{[^/]*?\\\}", "[^/]+", re.escape(template.removeprefix(self.strip).rstrip("/")))
                operation = spec["paths"][template].get(method.lower())
                if operation is not None and re.fullmatch(pattern, path.rstrip("/")):
                    return spec, template, operation
        raise AssertionError(f"the vendor's specification has no {method} {path}")

    def _check_body(self, spec: dict[str, Any], template: str, operation: dict[str, Any], body: Any) -> None:
        content = _resolved(spec, operation.get("requestBody", {})).get("content", {})
        schema = _resolved(spec, content.get("application/json", {}).get("schema", {}))
        names = _properties(spec, schema)
        unknown = set(body) - names if names else set()
        assert not unknown, f"POST {template}: the body has no {', '.join(sorted(unknown))}"


def _resolved(spec: dict[str, Any], item: Any) -> Any:
    while isinstance(item, dict) and "$ref" in item:
        found: Any = spec
        for name in item["$ref"].removeprefix("#/").split("/"):
            found = found[name.replace("~1", "/").replace("~0", "~")]
        item = found
    return item


def _properties(spec: dict[str, Any], schema: Any) -> set[str]:
    schema = _resolved(spec, schema)
    names = set(schema.get("properties", {}))
    for key in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(key, []):
            names |= _properties(spec, part)
    return names


def _check_value(where: str, schema: dict[str, Any], value: str) -> None:
    if schema.get("type") == "integer":
        assert re.fullmatch(r"-?\d+", value), f"{where}: {value!r} is no integer"
        assert schema.get("minimum", float("-inf")) <= int(value) <= schema.get("maximum", float("inf")), where
    if "enum" in schema and schema.get("type") == "string":
        assert value in schema["enum"], f"{where}: {value!r} is none of {schema['enum']}"
    if "maxLength" in schema:
        assert len(value) <= schema["maxLength"], f"{where} is too long"


@dataclass(frozen=True)
class Lexicons:
    """The AT protocol's lexicons: `/xrpc/<nsid>`. `folder` gives where they are; it may skip the test."""

    folder: Callable[[], Path]

    def check(self, call: Call) -> None:
        """Raises AssertionError with what does not exist."""
        nsid = call.path.removeprefix("/xrpc/")
        file = self.folder().joinpath(*nsid.split(".")).with_suffix(".json")
        assert file.exists(), f"there is no lexicon {nsid}"
        main = _load(file)["defs"]["main"]
        assert main["type"] == ("query" if call.method == "GET" else "procedure"), f"{nsid} is a {main['type']}"
        parameters = main.get("parameters", {})
        known = parameters.get("properties", {})
        for name, value in call.query:
            assert name in known, f"{nsid} has no parameter {name!r}; it has: {', '.join(sorted(known))}"
            _check_value(f"{nsid} {name}", known[name].get("items", known[name]), value)
        missing = set(parameters.get("required", [])) - {name for name, _ in call.query}
        assert not missing, f"{nsid} needs {', '.join(sorted(missing))}"
