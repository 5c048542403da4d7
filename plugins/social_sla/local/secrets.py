"""The local run's own secrets, made on first use and readable by their owner only."""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path


def local_secret(folder: Path, name: str) -> str:
    """The secret `name` of this home: 64 hex characters, the same on every later call."""
    return _kept(folder, name, secrets.token_hex(32))


def fernet_key(folder: Path) -> str:
    """Airflow's key for connections and variables in its database: 32 bytes in URL-safe base64."""
    return _kept(folder, "fernet_key", base64.urlsafe_b64encode(os.urandom(32)).decode())


def use_local_pseudonym_key(folder: Path) -> None:
    """For a step by hand in a home that `make run` has made: the key is the home's, unless one is set."""
    path = folder / "pseudonym_key"
    if path.exists():
        os.environ.setdefault("SOCIAL_SLA_PSEUDONYM_KEY", path.read_text().strip())


def _kept(folder: Path, name: str, fresh: str) -> str:
    path = folder / name
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    if path.exists() and (kept := path.read_text().strip()):
        return kept
    # Written under another name first: a run that is killed here leaves no empty secret behind.
    temporary = path.with_suffix(".tmp")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(fresh)
    temporary.replace(path)
    return fresh
