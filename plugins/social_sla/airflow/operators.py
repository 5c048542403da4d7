"""The project's operators: each calls one plain function, imported when it runs, and says what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.triggers.temporal import DateTimeTrigger
from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowFailException

from social_sla.airflow.conventions import WRITER_POOL, longest_sleep_seconds
from social_sla.airflow.hooks import SourceHook
from social_sla.settings import Settings

if TYPE_CHECKING:
    from airflow.sdk import Context

PASSING_ERRORS = frozenset({"VendorUnavailableError", "PartitionBusyError", "WarehouseBusyError", "DataMissingError"})
"""Our own exceptions that time may cure. All others say what a person has to do: trying again would say it again."""


class SocialSlaOperator(BaseOperator):
    """Runs `work` and fails at once, without retries, where only a person can help."""

    def execute(self, context: Context) -> Any:
        try:
            return self.work(context)
        except Exception as error:
            is_ours = type(error).__module__.startswith("social_sla.")
            if is_ours and type(error).__name__ not in PASSING_ERRORS:
                raise AirflowFailException(f"{type(error).__name__}: {error}") from error
            raise

    def work(self, context: Context) -> Any:
        """What the task does; what it returns becomes its XCom."""
        raise NotImplementedError


class WindowOperator(SocialSlaOperator):
    """A task about the run's window: the params `start` and `end`, else the data interval."""

    def window(self, context: Context) -> tuple[datetime, datetime]:
        """[start, end), UTC (see extraction.window_of)."""
        from social_sla.extraction import window_of

        run, params = context["dag_run"], context["params"]
        interval = (run.data_interval_start, run.data_interval_end)
        return window_of(params["start"], params["end"], interval, run.run_after)


class ExtractStreamsOperator(WindowOperator):
    """Lands streams for the run's window, one after the other; returns rows by `account/stream`.

    Args:
        source: the vendor's id, `x` or `zendesk`.
        groups: what to extract, as `{"account": …, "streams": […]}`, in this order.
        source_conn_id: the connection with the credentials; default `<source>_default`.
    """

    template_fields: Sequence[str] = ("source", "groups", "source_conn_id")

    def __init__(
        self, *, source: str, groups: list[dict[str, Any]], source_conn_id: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.source = source
        self.groups = groups
        self.source_conn_id = source_conn_id or f"{source}_default"

    def work(self, context: Context) -> dict[str, int]:
        """Where the vendor wants a long wait, the task is deferred and its slot freed; it goes on where it stopped."""
        from social_sla.extraction import extract_groups
        from social_sla.sources.errors import WaitNeeded

        hook = SourceHook(self.source_conn_id)
        credentials, now, window = hook.credentials(), hook.now(), self.window(context)
        try:
            manifests = extract_groups(
                Settings.from_env(),
                self.source,
                self.groups,
                credentials,
                window,
                context["run_id"],
                now=now,
                longest_sleep_seconds=longest_sleep_seconds(),
            )
        except WaitNeeded as wait:
            self.log.info("%s", wait)
            self.defer(trigger=DateTimeTrigger(moment=wait.until), method_name="go_on")
        return {f"{manifest.account}/{manifest.stream}": manifest.row_count for manifest in manifests}

    def go_on(self, context: Context, event: Any = None) -> Any:
        """After a deferral: the same again. What was landed and read by then is not asked for again."""
        return self.execute(context)


class CheckSourceOperator(SocialSlaOperator):
    """Asks a vendor whether a connection is good (`social_sla check`); fails with all that is wrong, in words.

    Args:
        source: the vendor's id.
        accounts: the accounts of the connection.
        source_conn_id: the connection with the credentials; default `<source>_default`.
    """

    template_fields: Sequence[str] = ("source", "accounts", "source_conn_id")

    def __init__(self, *, source: str, accounts: list[str], source_conn_id: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.source = source
        self.accounts = accounts
        self.source_conn_id = source_conn_id or f"{source}_default"

    def work(self, context: Context) -> list[str]:
        from social_sla.sources.check import check_source

        hook = SourceHook(self.source_conn_id)
        reports = [check_source(self.source, account, hook.credentials(), now=hook.now()) for account in self.accounts]
        for report in reports:
            self.log.info("%s", report)
        failed = [str(report) for report in reports if not report.ok]
        if failed:
            raise AirflowFailException("\n".join(failed))
        return [str(report) for report in reports]


class LandedOperator(WindowOperator):
    """Ends an extraction: every stream of the source has a partition for the window. Emits the source's asset."""

    template_fields: Sequence[str] = ("source",)

    def __init__(self, *, source: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.source = source

    def work(self, context: Context) -> dict[str, int]:
        from social_sla.extraction import landed_rows

        return landed_rows(Settings.from_env(), self.source, self.window(context))


class WarehouseOperator(SocialSlaOperator):
    """A task that opens warehouse.duckdb: one at a time, whatever the DAG."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"pool": WRITER_POOL, **kwargs})


class LoadWarehouseOperator(WarehouseOperator):
    """Landing and configuration into the warehouse; returns as_of and the tables that changed.

    Args:
        as_of: ISO 8601 instant up to which to look; empty: the earliest end that every stream has reached.
    """

    template_fields: Sequence[str] = ("as_of",)

    def __init__(self, *, as_of: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.as_of = as_of

    def work(self, context: Context) -> dict[str, Any]:
        from social_sla.warehouse.load import load

        report = load(Settings.from_env(), as_of=self.as_of or None)
        self.log.info("%s", report.summary())
        return report.as_dict()


class BuildMartsOperator(WarehouseOperator):
    """dbt build of what the last load has changed.

    Args:
        full_refresh: build every model from nothing ("True"/"False").
    """

    template_fields: Sequence[str] = ("full_refresh",)

    def __init__(self, *, full_refresh: str = "False", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.full_refresh = full_refresh

    def work(self, context: Context) -> dict[str, Any]:
        from social_sla.warehouse.build import build

        report = build(Settings.from_env(), full_refresh=self.full_refresh == "True")
        report.raise_if_failed()
        self.log.info("%s", report.summary())
        return report.as_dict()


class QualityGateOperator(WarehouseOperator):
    """Audits the built marts. A failed critical expectation fails the run, and nothing is published."""

    def work(self, context: Context) -> dict[str, Any]:
        from social_sla.quality.gate import run_gate

        report = run_gate(Settings.from_env(), gate_run_id=context["run_id"])
        report.raise_if_failed()
        self.log.info("%s", report.text())
        return {"status": report.status, **report.counts}


class PublishOperator(WarehouseOperator):
    """Makes the audited marts the release that readers see; returns its id.

    Args:
        signed: whether a review stands on the release, so that it is kept for ever ("True"/"False").
    """

    template_fields: Sequence[str] = ("signed",)

    def __init__(self, *, signed: str = "False", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.signed = signed

    def work(self, context: Context) -> dict[str, Any]:
        from social_sla.quality.gate import report_path
        from social_sla.quality.report import GateReport
        from social_sla.warehouse.publish import publish

        settings = Settings.from_env()
        gate = GateReport.load(report_path(settings, context["run_id"]))
        release = publish(settings, gate=gate, as_of=gate.as_of, signed=self.signed == "True")
        self.log.info("Release %s is served: %d rows, gate %s.", release.release_id, release.rows, release.gate_status)
        return {"release_id": release.release_id}


class CheckDataOperator(SocialSlaOperator):
    """Works out which months are reviewed, and fails while a source's data do not reach past their end.

    Args:
        period: the last month, such as `2026-10`; empty: the last whole month of the published release.
        months: how many whole months end there.
    """

    template_fields: Sequence[str] = ("period", "months")

    def __init__(self, *, period: str = "", months: str = "1", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.period = period
        self.months = months

    def work(self, context: Context) -> dict[str, Any]:
        from social_sla.review_months import months_to_review

        found = months_to_review(Settings.from_env(), self.period or None, int(self.months))
        return {"periods": [period.isoformat() for period in found.periods], "as_of": found.as_of.isoformat()}


class PeriodsOperator(SocialSlaOperator):
    """A task about some months.

    Args:
        periods: their first days as a JSON list.
    """

    template_fields: Sequence[str] = ("periods",)

    def __init__(self, *, periods: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.periods = periods

    def listed(self) -> list[str]:
        """The months' first days, ISO 8601."""
        import json

        return [str(period) for period in json.loads(self.periods)]


class FreezeMonthsOperator(PeriodsOperator):
    """Signs the months' figures into the landing; what is signed already stays as it is."""

    def work(self, context: Context) -> list[str]:
        from social_sla.review_months import freeze_months

        lines = freeze_months(Settings.from_env(), self.listed(), context["run_id"]).lines()
        self.log.info("%s", "\n".join(lines))
        return lines


class ReviewPackOperator(PeriodsOperator):
    """Writes the months' packs from the published release; returns their paths."""

    def work(self, context: Context) -> list[str]:
        from social_sla.review_months import write_packs

        return [str(path) for path in write_packs(Settings.from_env(), self.listed())]
