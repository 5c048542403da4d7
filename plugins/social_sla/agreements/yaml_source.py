"""YAML with the place of every value, read by YAML 1.2's rules.

PyYAML follows YAML 1.1, in which `no` is false, `10:00` is 600 and `0.90` is a binary fraction. Here a plain
scalar is text as it was written, but for `true`, `false` and an empty value; the field that takes it decides what
it means. So `country: NO` is Norway, `opens: 10:00` is ten o'clock and `goal_rate: 0.90` is exactly 0.90.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from social_sla.agreements.errors import Path, Problem, show_path

_NULLS = {"", "~", "null", "Null", "NULL"}
_BOOLS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_STR_TAG = "tag:yaml.org,2002:str"


@dataclass
class Document:
    """One YAML document: plain data (dict, list, str, bool, None) and where each part of it stands."""

    file: str
    data: Any
    values: dict[Path, tuple[int, int]] = field(default_factory=dict)
    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def problem(self, path: Path, message: str, *, at_key: bool = False) -> Problem:
        """A problem at `path`, placed at the value (or its key), or at the nearest thing around it that exists."""
        if at_key and path in self.keys:
            line, column = self.keys[path]
        else:
            known = path
            while known and known not in self.values:
                known = known[:-1]
            line, column = self.values.get(known, (1, 1))
        return Problem(self.file, line, column, show_path(path), message)


class _Loader(yaml.SafeLoader):
    """Composes nodes only; every plain scalar stays text and anchors are refused."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise yaml.MarkedYAMLError(
                problem="anchors (&) and aliases (*) are not supported; write the value out, or let an agreement "
                "inherit it from its parent",
                problem_mark=event.start_mark,
            )
        return super().compose_node(parent, index)


_Loader.yaml_implicit_resolvers = {}


def read_documents(file: str, content: bytes) -> tuple[list[Document], list[Problem]]:
    """The documents of one file and what is wrong with its YAML; a document with a problem in it is left out.

    Args:
        file: the name that problems carry.
        content: the file's bytes, UTF-8.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return [], [Problem(file, line, 1, "", "is not UTF-8 text; save the file as UTF-8")]
    problems: list[Problem] = []
    documents: list[Document] = []
    try:
        for node in _compose_all(text):
            document = Document(file, None)
            found: list[Problem] = []
            document.data = _convert(node, (), document, found)
            problems += found
            if document.data is not None and not found:
                documents.append(document)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        problems.append(Problem(file, line, column, "", _syntax_message(error)))
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        problems.append(
            Problem(file, line, 1, "", f"holds the control character #x{int(error.character):04x}; remove it")
        )
    if not documents and not problems:
        problems.append(Problem(file, 1, 1, "", "is empty; see docs/configuration.md for what belongs in it"))
    return documents, problems


def _compose_all(text: str) -> Iterator[yaml.Node]:
    loader = _Loader(text)
    try:
        while loader.check_node():
            node = loader.get_node()
            if node is not None:
                yield node
    finally:
        loader.dispose()


def _syntax_message(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or "cannot be read"
    if "anchors" in problem:
        return problem
    hint = "check the indentation, the quotes and the space after each colon"
    if "'\\t'" in problem:
        hint = "indent with spaces, never with tabs"
    elif "mapping values are not allowed" in problem:
        hint = "a text with ': ' in it needs quotes, and each key a line of its own"
    return f"is not YAML ({problem}); {hint}"


def _convert(node: yaml.Node, path: Path, document: Document, problems: list[Problem]) -> Any:
    mark = node.start_mark
    document.values[path] = (mark.line + 1, mark.column + 1)
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node, path, document, problems)
    if isinstance(node, yaml.SequenceNode):
        return [_convert(item, (*path, index), document, problems) for index, item in enumerate(node.value)]
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        place = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
        if not isinstance(key_node, yaml.ScalarNode) or not key_node.value:
            problems.append(Problem(document.file, *place, show_path(path), "has a key that is not a word; name it"))
            continue
        key = key_node.value
        inner = (*path, key)
        if key in result:
            first = document.keys[inner][0]
            problems.append(
                Problem(
                    document.file, *place, show_path(inner), f"is given twice (first on line {first}); keep one of them"
                )
            )
            continue
        document.keys[inner] = place
        result[key] = _convert(value_node, inner, document, problems)
    return result


def _scalar(node: yaml.ScalarNode, path: Path, document: Document, problems: list[Problem]) -> Any:
    text: str = node.value
    if node.tag != _STR_TAG:
        problems.append(document.problem(path, f"has the tag {node.tag}; write the value without a tag"))
        return None
    if node.style is not None:
        return text
    if text in _NULLS:
        return None
    return _BOOLS.get(text, text)
