"""pydantic's errors in the words of the people who write the configuration."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ValidationError

from social_sla.agreements.errors import Path, Problem, suggest
from social_sla.agreements.values import shown
from social_sla.agreements.yaml_source import Document

_KEY = "[key]"


def translate(document: Document, base: Path, model: type[BaseModel], error: ValidationError) -> list[Problem]:
    """Every error of one model's validation as a problem at its place in the file.

    Args:
        document: the YAML document that was validated, or a part of it.
        base: the path of that part in the document.
        model: what it was validated against.
        error: what pydantic found.
    """
    problems = []
    for item in error.errors(include_url=False):
        loc: Path = tuple(item["loc"])
        at_key = bool(loc) and loc[-1] == _KEY
        if at_key:
            loc = loc[:-1]
        path = (*base, *loc)
        kind = item["type"]
        if kind == "missing":
            if _is_misspelt(document, path, (_model_at(model, loc[:-1]) or model).model_fields):
                continue  # the unknown key beside it is told what it should be called
            message = f"is missing; add {loc[-1]}"
        elif kind == "extra_forbidden":
            at_key = True
            known = (_model_at(model, loc[:-1]) or model).model_fields
            hint = suggest(str(loc[-1]), known)
            message = f"unknown key; {hint}" if hint else f"unknown key; the keys are {', '.join(known)}"
        elif kind == "too_short" and item["input"]:
            continue  # there are items, and each has just been told what is wrong with it
        else:
            message = _message(kind, item)
        problems.append(document.problem(path, message, at_key=at_key))
    return problems


def _message(kind: str, item: Any) -> str:
    if kind == "config":
        return str(item["msg"])
    value = item["input"]
    if kind in {"tuple_type", "list_type"}:
        right = f"a list like [{value}]" if isinstance(value, str) else "a list, each item after a dash"
        return f"is {shown(value)}, not a list; write {right}"
    if kind in {"dict_type", "model_type", "model_attributes_type", "mapping_type"}:
        return f"is {shown(value)}, not a mapping; write keys and values, each key on its own line"
    if kind == "too_short":
        return "is empty; name at least one"
    return f"is {shown(value)}: {item['msg']}"


def _is_misspelt(document: Document, path: Path, fields: Iterable[str]) -> bool:
    """Whether an unknown key beside a missing one was surely meant for it."""
    siblings = [str(key[-1]) for key in document.keys if key[:-1] == path[:-1]]
    return any(word not in fields and suggest(word, fields) == f"did you mean {path[-1]}?" for word in siblings)


def _model_at(model: Any, loc: Path) -> type[BaseModel] | None:
    current: Any = model
    for part in loc:
        current = _unwrap(current)
        if isinstance(current, type) and issubclass(current, BaseModel):
            if part not in current.model_fields:
                return None
            current = current.model_fields[str(part)].annotation
        else:
            arguments = [argument for argument in typing.get_args(current) if argument is not Ellipsis]
            if not arguments:
                return None
            current = arguments[-1]
    current = _unwrap(current)
    return current if isinstance(current, type) and issubclass(current, BaseModel) else None


def _unwrap(annotation: Any) -> Any:
    """An annotation without Annotated and without `| None`."""
    while True:
        origin = typing.get_origin(annotation)
        if origin is typing.Annotated:
            annotation = typing.get_args(annotation)[0]
        elif origin in {typing.Union, types.UnionType}:
            annotation = next(item for item in typing.get_args(annotation) if item is not type(None))
        else:
            return annotation
