"""Registers Social SLA with Airflow; everything else lives in the package `social_sla` (see .airflowignore)."""

from __future__ import annotations

from typing import ClassVar

from airflow.plugins_manager import AirflowPlugin
from social_sla.airflow.pages import PREFIX, pages


class SocialSlaPlugin(AirflowPlugin):
    """The plugin's name in `airflow plugins`, and its pages in the UI."""

    name = "social_sla"
    fastapi_apps: ClassVar = [{"name": "Social SLA", "app": pages, "url_prefix": PREFIX}]
    external_views: ClassVar = [
        {
            "name": "SLA scorecard",
            "href": f"{PREFIX}/",
            "destination": "nav",
            "category": "browse",
            "url_route": "sla-scorecard",
        }
    ]
