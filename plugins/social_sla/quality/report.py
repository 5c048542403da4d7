"""What a gate run found: typed, stored as JSON, and said in words."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from social_sla.warehouse.content import MartDigest, content_sha256, release_id_of

CRITICAL = "critical"
WARNING = "warning"
_MOST_IN_TEXT = 20


class GateError(RuntimeError):
    """The gate could not be run at all; the message says what is missing and what to do."""


class GateFailedError(GateError):
    """The gate ran and a critical expectation failed; the message names marts, rules and rows."""


@dataclass(frozen=True)
class ExpectationResult:
    """One expectation's outcome.

    `expectation` is the rule id (`<suite>.<rule>`), `sample` holds at most a handful of the unexpected rows: ids and
    figures, never texts. `sql` shows all of them.
    """

    suite: str
    expectation: str
    mart: str
    column_name: str | None
    severity: str
    success: bool
    unexpected_count: int | None
    observed_value: str | None
    message: str
    sql: str
    sample: Sequence[Mapping[str, Any]] = ()

    @property
    def text(self) -> str:
        """The failure in words, with rows and the SQL that shows them all."""
        lines = [f"[{self.severity}] {self.mart}: {self.message} (rule {self.expectation})"]
        lines += ["  " + ", ".join(f"{name}={value}" for name, value in row.items()) for row in self.sample]
        lines += ["  To see them all:", *("    " + line for line in self.sql.splitlines())]
        return "\n".join(lines)


@dataclass(frozen=True)
class GateReport:
    """A gate run over one build. `digests` binds it to that build: no other content can be published with it."""

    gate_run_id: str
    as_of: datetime
    run_at: datetime
    seconds: float
    digests: Mapping[str, MartDigest]
    config_sha256: str | None
    results: Sequence[ExpectationResult]
    path: Path | None = field(default=None, compare=False)

    @property
    def success(self) -> bool:
        """No critical expectation failed."""
        return not self.critical_failures

    @property
    def status(self) -> str:
        """`passed`, `passed_with_warnings` or `failed`: what fct_release calls gate_status."""
        if not self.success:
            return "failed"
        return "passed_with_warnings" if self.warnings else "passed"

    @property
    def critical_failures(self) -> list[ExpectationResult]:
        return [result for result in self.results if not result.success and result.severity == CRITICAL]

    @property
    def warnings(self) -> list[ExpectationResult]:
        return [result for result in self.results if not result.success and result.severity != CRITICAL]

    @property
    def counts(self) -> dict[str, int]:
        """Expectations: `expected`, `passed`, `critical_failed`, `warning_failed`."""
        critical, warning = len(self.critical_failures), len(self.warnings)
        total = len(self.results)
        return {
            "expected": total,
            "passed": total - critical - warning,
            "critical_failed": critical,
            "warning_failed": warning,
        }

    @property
    def content_sha256(self) -> str:
        return content_sha256(self.digests)

    @property
    def release_id(self) -> str:
        """The release that this build is, or would have been."""
        return release_id_of(self.as_of, self.content_sha256)

    def __str__(self) -> str:
        return self.text()

    def text(self) -> str:
        """The report for a log or an exception: the verdict first, then every failure with its rows."""
        counts = self.counts
        verdict = (
            f"The gate {'passed' if self.success else 'FAILED'} "
            f"for the build as of {self.as_of:%Y-%m-%d %H:%M:%S} UTC: "
            f"{counts['passed']} of {counts['expected']} expectations hold, {counts['critical_failed']} critical and "
            f"{counts['warning_failed']} warning failures (gate run {self.gate_run_id}, {self.seconds:.1f} s)."
        )
        failures = [*self.critical_failures, *self.warnings]
        blocks = [verdict, *(result.text for result in failures[:_MOST_IN_TEXT])]
        if len(failures) > _MOST_IN_TEXT:
            blocks.append(f"... and {len(failures) - _MOST_IN_TEXT} more in {self.path}")
        if not self.success:
            blocks.append("Nothing is published; readers keep the last release.")
        return "\n".join(blocks)

    def raise_if_failed(self) -> GateReport:
        """The report itself when the gate passed.

        Raises:
            GateFailedError: with the report's text.
        """
        if not self.success:
            raise GateFailedError(self.text())
        return self

    def to_json(self) -> dict[str, Any]:
        return {
            "gate_run_id": self.gate_run_id,
            "status": self.status,
            "success": self.success,
            "as_of": self.as_of.isoformat(),
            "run_at": self.run_at.isoformat(),
            "seconds": round(self.seconds, 3),
            "release_id": self.release_id,
            "content_sha256": self.content_sha256,
            "config_sha256": self.config_sha256,
            "counts": self.counts,
            "marts": {name: asdict(digest) for name, digest in self.digests.items()},
            "results": [asdict(result) for result in self.results],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any], path: Path | None = None) -> GateReport:
        return cls(
            gate_run_id=data["gate_run_id"],
            as_of=datetime.fromisoformat(data["as_of"]),
            run_at=datetime.fromisoformat(data["run_at"]),
            seconds=float(data["seconds"]),
            digests={name: MartDigest(**digest) for name, digest in data["marts"].items()},
            config_sha256=data["config_sha256"],
            results=[ExpectationResult(**result) for result in data["results"]],
            path=path,
        )

    @classmethod
    def load(cls, path: Path) -> GateReport:
        """A stored report.

        Raises:
            GateError: no report is stored there.
        """
        try:
            return cls.from_json(json.loads(path.read_text("utf-8")), path)
        except FileNotFoundError as error:
            raise GateError(f"There is no gate report at {path}: run the gate for this build first.") from error

    def save(self, path: Path) -> GateReport:
        """Store the report under a path, whole or not at all; an earlier run's report there is kept beside it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            attempt = 1
            while (earlier := path.with_name(f"{path.stem}~{attempt}{path.suffix}")).exists():
                attempt += 1
            path.replace(earlier)
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        temporary.write_text(json.dumps(self.to_json(), indent=1, ensure_ascii=False, sort_keys=True), "utf-8")
        temporary.replace(path)
        return GateReport.from_json(self.to_json(), path)


def now() -> datetime:
    """The machine's clock, whole seconds: only for when something ran, never for what it measures."""
    return datetime.now(UTC).replace(microsecond=0)
