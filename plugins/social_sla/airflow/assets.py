"""What the DAGs hand to each other: landed data, a release, a review."""

from __future__ import annotations

from airflow.sdk import Asset

GROUP = "social_sla"


def landing_asset(source: str) -> Asset:
    """All streams of `source` have landed for one window."""
    return Asset(name=f"landing_{source}", uri=f"social-sla://landing/{source}", group=GROUP)


RELEASE = Asset(name="release", uri="social-sla://published/release", group=GROUP)
"""A published, audited snapshot of the marts."""

REVIEW = Asset(name="review", uri="social-sla://published/review", group=GROUP)
"""A reviewed month: signed figures, flags and the pack."""

DECISIONS = Asset(name="review_decisions", uri="social-sla://landing/review/decisions", group=GROUP)
"""What people decided on flags."""
