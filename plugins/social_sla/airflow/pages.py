"""Pages inside Airflow: scorecard, review packs and data docs, for those who may see the review's DAG alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from functools import cache
from typing import Any

PREFIX = "/social-sla"
REVIEW_DAG = "review_sla_month"
# The pages hold no script; the data docs do, from their own folder.
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'"
DOCS_POLICY = "default-src 'self' 'unsafe-inline' data:; frame-ancestors 'self'"

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


async def pages(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application. Made at the first request: workers and parsers load the plugin, too, and never need it."""
    await _application()(scope, receive, send)


@cache
def _application() -> Any:
    from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
    from airflow.api_fastapi.core_api.security import requires_access_dag
    from fastapi import Depends, FastAPI, HTTPException
    from fastapi.responses import FileResponse, HTMLResponse, Response

    from social_sla.review.board import board
    from social_sla.settings import Settings

    # Airflow's own rule: who may read the runs of the review may read what it made. No token, no page.
    allowed = Depends(requires_access_dag("GET", DagAccessEntity.RUN, REVIEW_DAG))
    app = FastAPI(title="Social SLA", dependencies=[allowed], docs_url=None, redoc_url=None, openapi_url=None)
    settings = Settings.from_env()
    folders = {"review": settings.review_dir, "data_docs": settings.data_docs_dir}

    def with_policy(response: Response, policy: str) -> Response:
        response.headers.update(
            {
                "Content-Security-Policy": policy,
                "X-Content-Type-Options": "nosniff",
                "Referrer-Policy": "no-referrer",
                "Cache-Control": "private, no-store",
            }
        )
        return response

    @app.get("/")
    def scorecard() -> Response:
        return with_policy(HTMLResponse(board(settings)), PAGE_POLICY)

    @app.get("/{folder}/{path:path}")
    def page(folder: str, path: str) -> Response:
        root = folders.get(folder)
        if root is None:
            raise HTTPException(404, "There is no such page.")
        found = (root / (path or "index.html")).resolve()
        if found.is_dir():
            found = found / "index.html"
        # A release's folder may be reached by a link; nothing above it is served.
        if not found.is_relative_to(root.resolve()) or not found.is_file():
            raise HTTPException(404, "There is no such page; it may not have been made yet.")
        return with_policy(FileResponse(found), DOCS_POLICY if folder == "data_docs" else PAGE_POLICY)

    return app
