"""Reading the configuration folder: everything fits together, or nothing is loaded."""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from social_sla.agreements.agreement_checks import Known, check_merged, check_stated, check_waivers
from social_sla.agreements.agreement_models import Agreement
from social_sla.agreements.calendar_models import CalendarsFile, Schedule
from social_sla.agreements.channel_models import Channel, ChannelsFile
from social_sla.agreements.checks import check_channels, check_schedules, raw_ids
from social_sla.agreements.config import Config, effective
from social_sla.agreements.credit_checks import check_across_versions, check_credits, check_decisions
from social_sla.agreements.credit_models import CreditDecisionsFile
from social_sla.agreements.errors import ConfigError, Problem
from social_sla.agreements.inheritance import Stated, merge_all
from social_sla.agreements.statement_checks import check_speakers, check_statement
from social_sla.agreements.translate import translate
from social_sla.agreements.yaml_source import Document, read_documents

CHANNELS_FILE = "channels.yaml"
CALENDARS_FILE = "calendars.yaml"
AGREEMENTS_FOLDER = "agreements"
CREDIT_DECISIONS_FILE = "credit_decisions.yaml"

M = TypeVar("M", bound=BaseModel)


def load_config(config_dir: Path | str, *, draft: Path | None = None) -> Config:
    """The checked configuration of a folder: channels.yaml, calendars.yaml, agreements/*.yaml, credit_decisions.yaml.

    Other files in the folder are not read.

    Args:
        draft: a file of agreement versions that are not in the folder yet, or stand there in other words: what it
            states counts.

    Raises:
        ConfigError: something is wrong; it names everything that is, in every file.
    """
    directory = Path(config_dir)
    reader = _Reader(directory, draft)
    config = reader.read()
    if reader.problems or config is None:
        raise ConfigError(reader.problems, str(directory))
    return config


class _Reader:
    def __init__(self, directory: Path, draft: Path | None = None) -> None:
        self.directory = directory
        self.draft = draft
        self.problems: list[Problem] = []
        self.digests: dict[str, str] = {}

    def read(self) -> Config | None:
        channels_document = self._single(CHANNELS_FILE)
        calendars_document = self._single(CALENDARS_FILE)
        channels = self._items(channels_document, ChannelsFile, "channels", Channel)
        schedules = self._items(calendars_document, CalendarsFile, "schedules", Schedule)
        versions, broken = self._agreements()
        if channels_document:
            self.problems += check_channels(channels_document, channels)
        if calendars_document:
            self.problems += check_schedules(calendars_document, schedules)
        for version in versions:
            self.problems += check_stated(version)
        self.problems += check_waivers(versions)
        known = Known(
            channels={item.channel_id: item for _, item in reversed(channels)},  # of two alike, the first
            schedules={item.schedule_id: item for _, item in reversed(schedules)},
            channel_ids=_ids(channels_document, ("channels",), "channel_id"),
            schedule_ids=_ids(calendars_document, ("schedules",), "schedule_id"),
        )
        merged, problems = merge_all(versions, broken)
        self.problems += problems
        for item in merged.values():
            self.problems += [*check_merged(item, known), *check_credits(item)]
            self.problems += check_statement(item, known.channels)
        self.problems += [*check_across_versions(merged.values()), *check_speakers(merged.values())]
        decisions_document, decisions = self._credit_decisions()
        if self.problems or calendars_document is None:
            return None
        agreements = sorted((effective(item) for item in merged.values()), key=lambda a: (a.agreement_id, a.version))
        if decisions_document and decisions:
            self.problems += check_decisions(decisions_document, decisions, agreements)
        return Config(
            directory=self.directory,
            channels=tuple(sorted(known.channels.values(), key=lambda item: item.channel_id)),
            schedules=tuple(sorted(known.schedules.values(), key=lambda item: item.schedule_id)),
            agreements=tuple(agreements),
            sha256=self._digest(),
            calendars_document=calendars_document,
            credit_decisions=decisions.decisions if decisions else (),
        )

    def _credit_decisions(self) -> tuple[Document | None, CreditDecisionsFile | None]:
        """What people decided about credits; nothing where there is no such file."""
        if not (self.directory / CREDIT_DECISIONS_FILE).exists():
            return None, None
        document = self._single(CREDIT_DECISIONS_FILE)
        if document is None:
            return None, None
        return document, self._validate(document, (), CreditDecisionsFile, document.data)

    def _documents(self, path: Path) -> list[Document]:
        name = path.as_posix() if path == self.draft else path.relative_to(self.directory).as_posix()
        try:
            content = path.read_bytes()
        except OSError as error:
            self.problems.append(Problem(name, 1, 1, "", f"cannot be read ({error.strerror}); put the file there"))
            return []
        self.digests[name] = hashlib.sha256(content).hexdigest()
        documents, problems = read_documents(name, content)
        self.problems += problems
        return documents

    def _single(self, name: str) -> Document | None:
        documents = self._documents(self.directory / name)
        for extra in documents[1:]:
            self.problems.append(extra.problem((), "is a second document; keep one document in this file"))
        return documents[0] if documents else None

    def _items(
        self, document: Document | None, file_model: type[BaseModel], name: str, model: type[M]
    ) -> list[tuple[int, M]]:
        """The items of a file's one list that can be read, each with its place."""
        if document is None:
            return []
        self._validate(document, (), file_model, document.data)
        items = document.data.get(name) if isinstance(document.data, dict) else None
        found: list[tuple[int, M]] = []
        for index, item in enumerate(items if isinstance(items, list) else []):
            with suppress(ValidationError):  # the file as a whole has just told what is wrong with it
                found.append((index, model.model_validate(item)))
        return found

    def _validate(self, document: Document, base: tuple[str | int, ...], model: type[M], data: Any) -> M | None:
        try:
            return model.model_validate(data)
        except ValidationError as error:
            self.problems += translate(document, base, model, error)
            return None

    def _agreements(self) -> tuple[list[Stated], frozenset[str]]:
        """The versions that can be read, and the agreement_ids of which one cannot."""
        folder = self.directory / AGREEMENTS_FOLDER
        paths = sorted(path for path in folder.glob("*") if path.suffix in {".yaml", ".yml"})
        if not paths:
            self.problems.append(
                Problem(AGREEMENTS_FOLDER, 1, 1, "", "holds no agreement; put one YAML file there for each of them")
            )
        paths = ([self.draft] if self.draft else []) + paths
        drafted: set[tuple[str, int]] = set()
        versions: list[Stated] = []
        broken: set[str] = set()
        taken: dict[tuple[str, int], str] = {}
        for path in paths:
            before = len(self.problems)
            documents = self._documents(path)
            if len(self.problems) > before:
                broken |= self._named_in(path)
            for document in documents:
                agreement = self._validate(document, (), Agreement, document.data)
                if agreement is None:
                    broken |= raw_ids(document, (), "agreement_id")
                    continue
                identity = (agreement.agreement_id, agreement.version)
                if path != self.draft and identity in drafted:
                    continue
                if path == self.draft:
                    drafted.add(identity)
                where = f"{document.file}:{document.values[()][0]}"
                if taken.setdefault(identity, where) != where:
                    self.problems.append(
                        document.problem(
                            ("version",),
                            f"{agreement.version} of '{agreement.agreement_id}' is already in {taken[identity]}; "
                            "give a new version its own number",
                        )
                    )
                    continue
                versions.append(Stated(agreement, document, self.digests[document.file]))
        return versions, frozenset(broken)

    @staticmethod
    def _named_in(path: Path) -> set[str]:
        """The agreement_ids in a file whose YAML cannot be read, so that nobody is told they do not exist."""
        with suppress(OSError, UnicodeDecodeError):
            return set(re.findall(r"^agreement_id:\s*[\"']?([\w-]+)", path.read_text(encoding="utf-8"), re.MULTILINE))
        return set()

    def _digest(self) -> str:
        lines = [f"{name} {digest}" for name, digest in sorted(self.digests.items())]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _ids(document: Document | None, path: tuple[str, ...], key: str) -> frozenset[str] | None:
    return (frozenset(raw_ids(document, path, key)) or None) if document else None
