"""Which version of an agreement somebody means: a key, an id, or a file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from social_sla.agreements.config import Config, EffectiveAgreement
from social_sla.agreements.errors import suggest
from social_sla.agreements.loader import load_config
from social_sla.agreements.yaml_source import read_documents


class UnknownAgreementError(ValueError):
    """No version is called so; the message says which there are."""


def load_with(config_dir: Path, reference: str) -> Config:
    """The configuration, with a file's versions where the reference is a file."""
    return load_config(config_dir, draft=Path(reference.partition("#")[0]) if is_file(reference) else None)


def is_file(reference: str) -> bool:
    """Whether a reference names a file: `draft.yaml`, `config/agreements/mail.yaml#2`."""
    return reference.partition("#")[0].endswith((".yaml", ".yml"))


def versions_in(path: Path) -> list[str]:
    """The agreement_keys of a file's documents, in order.

    Raises:
        UnknownAgreementError: there is no such file, or it holds no agreement.
    """
    if not path.exists():
        raise UnknownAgreementError(f"{path} does not exist; name a YAML file with an agreement.")
    documents, _ = read_documents(path.as_posix(), path.read_bytes())
    keys = [
        f"{item.data['agreement_id']}.v{item.data['version']}"
        for item in documents
        if isinstance(item.data, dict) and "agreement_id" in item.data and "version" in item.data
    ]
    if not keys:
        raise UnknownAgreementError(f"{path} holds no agreement with agreement_id and version.")
    return keys


def find(config_dir: Path, reference: str) -> tuple[Config, EffectiveAgreement]:
    """The version that a reference means, with the configuration that it belongs to.

    Args:
        reference: an agreement_key (`email-support.v2`), an agreement_id (its version in force today, else its last),
            or a file, `#n` taking the nth document (the last without it).

    Raises:
        UnknownAgreementError: there is none.
        ConfigError: the configuration, or the file in it, is not in order.
    """
    if is_file(reference):
        name, _, number = reference.partition("#")
        keys = versions_in(Path(name))
        if number and not (number.isdigit() and 1 <= int(number) <= len(keys)):
            raise UnknownAgreementError(f"{name} has {len(keys)} documents; write #1 to #{len(keys)}, not #{number}.")
        config = load_config(config_dir, draft=Path(name))
        return config, by_key(config, keys[int(number) - 1] if number else keys[-1])
    config = load_config(config_dir)
    if reference in {item.agreement_key for item in config.agreements}:
        return config, by_key(config, reference)
    versions = [item for item in config.agreements if item.agreement_id == reference]
    if not versions:
        known = [item.agreement_key for item in config.agreements] + [item.agreement_id for item in config.agreements]
        raise UnknownAgreementError(f"There is no agreement '{reference}'; {suggest(reference, known)}.")
    now = datetime.now(UTC)
    in_force = [
        item
        for item, span in config.in_force(reference)
        if span.from_at <= now and (span.to_at is None or now < span.to_at)
    ]
    return config, in_force[0] if in_force else versions[-1]


def by_key(config: Config, agreement_key: str) -> EffectiveAgreement:
    """The version of that key; KeyError if there is none."""
    return {item.agreement_key: item for item in config.agreements}[agreement_key]
