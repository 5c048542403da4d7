"""Registers Social SLA with Airflow; everything else lives in the package `social_sla` (see .airflowignore)."""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin


class SocialSlaPlugin(AirflowPlugin):
    """The plugin's name in `airflow plugins`."""

    name = "social_sla"
