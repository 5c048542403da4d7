"""Where the project keeps its things. The only module that reads environment variables."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parents[2]


class SettingsError(ValueError):
    """A setting is missing or unusable; the message says which variable to set and how."""


@dataclass(frozen=True)
class Settings:
    """Paths and URLs of one installation (docs/architecture.md, "Where things are at run time")."""

    home: Path
    config_dir: Path
    landing_url: str
    warehouse_path: Path
    published_dir: Path
    dbt_project_dir: Path
    expectations_dir: Path
    project_dir: Path = PROJECT_DIR

    @classmethod
    def from_env(cls, environ: dict[str, str] | None = None) -> Settings:
        env = dict(os.environ if environ is None else environ)
        home = Path(env.get("SOCIAL_SLA_HOME") or PROJECT_DIR / ".run" / "company").absolute()
        return cls(
            home=home,
            config_dir=Path(env.get("SOCIAL_SLA_CONFIG_DIR") or PROJECT_DIR / "config").absolute(),
            landing_url=env.get("SOCIAL_SLA_LANDING_URL") or f"file://{home / 'landing'}",
            warehouse_path=Path(env.get("SOCIAL_SLA_WAREHOUSE") or home / "warehouse.duckdb").absolute(),
            published_dir=Path(env.get("SOCIAL_SLA_PUBLISHED_DIR") or home / "published").absolute(),
            dbt_project_dir=Path(env.get("SOCIAL_SLA_DBT_DIR") or PROJECT_DIR / "dbt_project").absolute(),
            expectations_dir=Path(env.get("SOCIAL_SLA_EXPECTATIONS_DIR") or PROJECT_DIR / "expectations").absolute(),
        )

    @property
    def releases_dir(self) -> Path:
        return self.published_dir / "releases"

    @property
    def marts_path(self) -> Path:
        """The served snapshot: what BI opens."""
        return self.published_dir / "marts.duckdb"

    @property
    def review_dir(self) -> Path:
        return self.published_dir / "review"

    @property
    def data_docs_dir(self) -> Path:
        return self.published_dir / "data_docs"


def named_browser(environ: dict[str, str] | None = None) -> str | None:
    """The Chromium that prints PDFs, if one is named (`SOCIAL_SLA_CHROMIUM`); else the first on the path does."""
    env = os.environ if environ is None else environ
    return env.get("SOCIAL_SLA_CHROMIUM") or None


def pseudonym_key(environ: dict[str, str] | None = None) -> bytes:
    """The HMAC key of customers' pseudonyms (P1), at least 16 bytes.

    Raises:
        SettingsError: no key is set, or it is too short to protect anybody.
    """
    env = os.environ if environ is None else environ
    key = env.get("SOCIAL_SLA_PSEUDONYM_KEY", "").encode()
    if len(key) < 16:
        raise SettingsError(
            "SOCIAL_SLA_PSEUDONYM_KEY must hold at least 16 characters: customers' pseudonyms are keyed with it. "
            "Set it from your secrets backend (a new key gives every customer a new pseudonym)."
        )
    return key
