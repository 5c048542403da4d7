"""Columns and types of the tables of schema `config` (docs/architecture.md). Instants are UTC without a zone."""

from __future__ import annotations

import pyarrow as pa

_TYPES: dict[str, pa.DataType] = {
    "text": pa.string(),
    "date": pa.date32(),
    "instant": pa.timestamp("us"),
    "count": pa.int64(),
    "flag": pa.bool_(),
    "rate": pa.decimal128(9, 6),
    "score": pa.float64(),
    "words": pa.list_(pa.string()),
    "money": pa.decimal128(18, 3),
    "factor": pa.decimal128(6, 3),
}


def _schema(*columns: str) -> pa.Schema:
    """Columns written `name type`; a type ending in ? may be null."""
    fields = []
    for column in columns:
        name, kind = column.split()
        fields.append(pa.field(name, _TYPES[kind.rstrip("?")], nullable=kind.endswith("?")))
    return pa.schema(fields)


TABLE_SCHEMAS: dict[str, pa.Schema] = {
    "channels": _schema(
        "channel_id text",
        "source text",
        "account text",
        "name text",
        "kind text",
        "strategic_objective text",
        "timezone text",
        "language text",
        "languages words",
        "connection_id text",
        "match text",
    ),
    "automation_authors": _schema("source text", "account text", "author_ref text", "reason text"),
    "automation_text_prefixes": _schema("source text", "account text", "text_prefix text", "reason text"),
    "agreements": _schema(
        "agreement_key text",
        "agreement_id text",
        "version count",
        "title text",
        "kind text",
        "level text",
        "parent_agreement_id text?",
        "parent_agreement_key text?",
        "overview text?",
        "provider text",
        "customer text",
        "timezone text",
        "schedule_id text?",
        "valid_from_date date",
        "valid_to_date date?",
        "valid_from_at instant",
        "valid_to_at instant?",
        "in_force_from_at instant?",
        "in_force_to_at instant?",
        "raises_flags flag",
        "flag_consecutive_periods count",
        "flag_scope text",
        "minimum_sample count",
        "flag_missed_periods count?",
        "flag_missed_of_periods count?",
        "flag_severity_floor rate?",
        "flag_credit_fee_rate rate?",
        "flag_credit_periods count?",
        "flag_credit_of_periods count?",
        "measures_people flag",
        "change_reason text?",
        "file_name text",
        "file_sha256 text",
    ),
    "agreement_in_force": _schema(
        "agreement_key text", "agreement_id text", "version count", "from_at instant", "to_at instant?"
    ),
    "agreement_parties": _schema("agreement_key text", "party_id text", "name text", "role text", "obligations words"),
    "agreement_approvals": _schema(
        "agreement_key text",
        "party_id text",
        "approved_by text",
        "approved_date date",
        "revoked_date date?",
        "expires_date date?",
    ),
    "agreement_channels": _schema("agreement_key text", "channel_id text"),
    "agreement_terms": _schema("agreement_key text", "goal_id text?", "term text", "value text", "stated_by text?"),
    "goals": _schema(
        "goal_key text",
        "agreement_key text",
        "agreement_id text",
        "version count",
        "goal_id text",
        "title text",
        "metric text",
        "subject text",
        "basis text",
        "schedule_id text?",
        "responder text",
        "goal_rate rate",
        "from_date date",
        "to_date date?",
        "from_at instant",
        "to_at instant?",
        "pause_statuses words",
        "priorities words?",
        "teams words?",
        "inherited_from text?",
    ),
    "goal_targets": _schema(
        "goal_key text", "priority text", "target_value count", "target_unit text", "target_seconds count?"
    ),
    "public_statements": _schema(
        "channel_id text",
        "statement_number count",
        "is_main flag",
        "agreement_key text",
        "goal_key text",
        "language text",
        "statement_text text",
        "character_count count",
        "character_limit count?",
        "reading_ease_score score?",
        "is_written_by_hand flag",
        "placement text?",
        "statement_url text?",
        "verified_at instant?",
        "problem text?",
    ),
    "tolerance_tags": _schema(
        "channel_id text", "tag text", "rule text", "agreement_key text", "from_at instant", "to_at instant?"
    ),
    "channel_promises": _schema(
        "channel_id text",
        "agreement_key text",
        "goal_key text",
        "timezone text",
        "schedule_id text?",
        "basis text",
        "responder text",
        "target_value count",
        "target_unit text",
        "target_seconds count?",
        "from_at instant",
        "to_at instant?",
    ),
    "waivers": _schema("agreement_id text", "goal_id text?", "period date", "waived_by text", "reason text"),
    "credit_terms": _schema(
        "agreement_key text",
        "currency text",
        "minor_unit count",
        "rounding text",
        "goal_cap_rate rate?",
        "cap_rate rate?",
        "repeat_consecutive_periods count?",
        "repeat_multiplier factor?",
        "earn_back_periods count?",
        "earn_back_rate rate?",
    ),
    "credit_fees": _schema("agreement_key text", "from_period date", "to_period date?", "fee_amount money"),
    "credit_bands": _schema(
        "agreement_key text",
        "goal_id text",
        "precedence count",
        "band text",
        "from_rate rate",
        "below_rate rate",
        "credit_rate rate",
    ),
    "credit_exclusions": _schema(
        "agreement_id text", "goal_id text?", "period date", "excluded_by text", "reason text", "evidence text"
    ),
    "credit_decisions": _schema(
        "agreement_id text",
        "goal_id text",
        "period date",
        "decision text",
        "amount money?",
        "decided_by text",
        "decided_date date",
        "reason text",
        "reference text?",
    ),
    "periods": _schema("timezone text", "period date", "starts_at instant", "ends_at instant"),
    "schedules": _schema(
        "schedule_id text", "timezone text", "title text", "calendar_from_date date?", "calendar_to_date date?"
    ),
    "schedule_intervals": _schema(
        "schedule_id text",
        "interval_number count",
        "local_date date",
        "opens_at instant",
        "closes_at instant",
        "open_seconds_before count",
    ),
    "schedule_days": _schema(
        "schedule_id text",
        "local_date date",
        "day_number count",
        "opens_at instant",
        "open_seconds count",
        "open_seconds_before count",
    ),
    "load": _schema("as_of instant", "config_sha256 text", "calendar_from_date date?", "calendar_to_date date?"),
}
"""Table name → Arrow schema; a column that is not nullable always has a value."""
