"""The gate: nothing is published that breaks a rule of docs/definitions.md.

Light on purpose: importing this package imports neither Great Expectations nor DuckDB.
"""

from __future__ import annotations

from social_sla.quality.gate import run_gate
from social_sla.quality.report import ExpectationResult, GateError, GateFailedError, GateReport

__all__ = ["ExpectationResult", "GateError", "GateFailedError", "GateReport", "run_gate"]
