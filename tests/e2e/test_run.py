"""`make run` as a newcomer has it, a second time, and after kill -9."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import psutil
import pytest
from social_sla.settings import Settings
from social_sla.warehouse.releases import list_releases

from sandbox.company.people import BOT_ID
from tests.e2e.conftest import Home
from tests.sandbox.attainment import ticket_scores, tweet_scores

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def settings(home: Home) -> Settings:
    return Settings.from_env({"SOCIAL_SLA_HOME": str(home.path)})


def releases(home: Home) -> list[str]:
    return [release.release_id for release in list_releases(settings(home))]


def rows(home: Home, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(settings(home).marts_path), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def processes_of(home: Home) -> list[psutil.Process]:
    """Living processes that were started for the home: it is in their environment, or their output goes there."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            # Airflow writes its titles over the environment, so that alone would not find every process.
            logs = [file.path for file in process.open_files() if file.path.startswith(f"{home.path}/")]
            if logs or process.environ().get("SOCIAL_SLA_HOME") == str(home.path):
                found.append(process)
        except psutil.Error:
            continue
    return found


def wait_for_process(home: Home, module: str) -> psutil.Process:
    """The process that runs `python -m <module>` for the home."""
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        for process in processes_of(home):
            try:
                if module in process.cmdline():
                    return process
            except psutil.Error:
                continue
        time.sleep(0.2)
    raise AssertionError(f"{module} did not start")


def test_the_company_is_measured_published_and_reviewed(home: Callable[..., Home]) -> None:
    company = home("company")
    done = company.run()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "flags wait for a decision" in done.stdout
    published = releases(company)
    assert len(published) == 2  # the marts, and the marts with the signed months
    # Both are kept for ever: the first is what was signed, the second shows it.
    assert all(release.is_signed for release in list_releases(settings(company)))
    flags = rows(
        company, "select agreement_id, goal_id, reason, first_period::varchar from fct_termination_review_flag"
    )
    assert ("email-support", "first-response", "same_goal_missed_consecutively", "2026-08-01") in flags
    assert {agreement for agreement, *_ in flags} == {"email-support", "x-australia-outsourcing"}
    signed = rows(company, "select distinct period::varchar from agreement_goal_monthly where is_signed order by 1")
    assert signed == [("2026-08-01",), ("2026-09-01",), ("2026-10-01",)]
    for month in ("2026-08", "2026-09", "2026-10"):
        assert (settings(company).review_dir / month / "index.html").exists()
    assert (settings(company).data_docs_dir / "index.html").exists()
    assert_every_month_is_what_a_second_calculator_says(company)
    assert processes_of(company) == []
    assert_no_secret_is_written_anywhere(company, done.stdout + done.stderr)


def assert_no_secret_is_written_anywhere(home: Home, said: str) -> None:
    """Keys, passwords and tokens of a whole run stand in no log, no landed file, no mart, no pack and no page."""
    sandbox = json.loads((home.path / "sandbox" / "sandbox.json").read_text())
    vendors = {source: told for source, told in sandbox.items() if isinstance(told, dict)}
    secrets = {path.name: path.read_bytes().strip() for path in (home.path / "secrets").iterdir()}
    secrets["admin password"] = secrets["admin_password"][:20]
    secrets |= {f"{source} token": vendor["token"].encode() for source, vendor in vendors.items()}
    secrets["pseudonym key"] = home.environment()["SOCIAL_SLA_PSEUDONYM_KEY"].encode()
    assert len(secrets) >= 7
    # Where secrets belong; and the sandbox is the vendor, who says its tokens when it starts.
    kept = {home.path / "secrets", home.path / "sandbox", home.path / "airflow" / "admin_password.json"}
    files = [path for path in home.path.rglob("*") if path.is_file() and not kept & {path, *path.parents}]
    assert any(path.suffix == ".log" for path in files)
    found = []
    for path in files:
        content = path.read_bytes()
        found += [f"{name} in {path}" for name, secret in secrets.items() if secret in content]
    found += [f"{name} in what was printed" for name, secret in secrets.items() if secret.decode() in said]
    assert found == []


def test_a_second_run_and_a_killed_one_come_to_the_same_release(home: Callable[..., Home], messages: Path) -> None:
    calm = home("calm", messages)
    first = calm.run()
    assert first.returncode == 0, first.stdout + first.stderr
    expected = releases(calm)
    second = calm.run()
    assert second.returncode == 0, second.stdout + second.stderr
    assert releases(calm) == expected

    disturbed = home("disturbed", messages)
    runner = disturbed.start()
    try:
        # The task that builds the marts dies with its dbt; Airflow tries it again by itself.
        building = wait_for_process(disturbed, "social_sla.warehouse.dbt_process")
        task = building.parent()
        assert task is not None
        task.kill()
        building.wait(10)
        wait_for_process(disturbed, "social_sla.quality.worker")
    finally:
        # Then the whole run dies while the gate looks at the marts.
        runner.kill()
        runner.wait()
    assert not settings(disturbed).marts_path.exists()
    again = disturbed.run()
    assert again.returncode == 0, again.stdout + again.stderr
    assert releases(disturbed) == expected
    assert processes_of(disturbed) == []


def independent_months(home: Home) -> dict[tuple[str, str, str], tuple[int, float]]:
    """(channel, metric, month) → (decided, attainment), by the second calculator over the landed records."""
    with duckdb.connect(str(settings(home).warehouse_path), read_only=True) as connection:

        def landed(table: str) -> list[dict[str, Any]]:
            return [
                json.loads(text) for (text,) in connection.execute(f"select payload from landing.{table}").fetchall()
            ]

        accounts = {"auroraair": "x_global", "auroraaires": "x_spain", "auroraairau": "x_australia"}
        own = {record["id"]: accounts[record["username"].lower()] for record in landed("x__accounts")}
        tweets = [record for table in ("mentions", "tweets", "conversations") for record in landed(f"x__{table}")]
        scores = tweet_scores(tweets, own)
        scores |= ticket_scores(landed("zendesk__tickets"), landed("zendesk__ticket_events"), BOT_ID)
    return {
        (channel, metric, month): figures
        for (channel, metric), score in scores.items()
        for month, figures in score.months().items()
    }


def assert_every_month_is_what_a_second_calculator_says(home: Home) -> None:
    """Decided clocks and attainment of each goal and month; it knows no merges, so moved messages are left out."""
    ours = {
        (channel, metric, month): (decided, met / decided)
        for channel, metric, month, decided, met in rows(
            home,
            """
            select
                channel_id, metric, strftime(decided_period, '%Y-%m'),
                count(*), count(*) filter (where outcome = 'met')
            from fct_sla_clock
            where decided_at is not null and started_by <> 'moved_by_merge'
            group by all
            """,
        )
    }
    theirs = {key: figures for key, figures in independent_months(home).items() if key in ours}
    assert len(ours) > 150
    assert theirs == {key: pytest.approx(figures, abs=1e-12) for key, figures in ours.items()}
