"""The columns of the published marts that the tests' fixture release has (the same names as dbt's models)."""

TABLES: dict[str, str] = {
    "dim_channel": (
        "channel_id VARCHAR, source VARCHAR, account VARCHAR, name VARCHAR, kind VARCHAR, strategic_objective "
        "VARCHAR, timezone VARCHAR"
    ),
    "dim_agreement": (
        "agreement_key VARCHAR, agreement_id VARCHAR, version BIGINT, title VARCHAR, kind VARCHAR, level VARCHAR, "
        "parent_agreement_id VARCHAR, provider VARCHAR, customer VARCHAR, timezone VARCHAR, valid_from_date DATE, "
        "valid_to_date DATE, has_all_approvals BOOLEAN, raises_flags BOOLEAN, flag_consecutive_periods INTEGER, "
        "flag_scope VARCHAR, minimum_sample INTEGER, change_reason VARCHAR"
    ),
    "dim_goal": (
        "goal_key VARCHAR, agreement_key VARCHAR, goal_id VARCHAR, agreement_id VARCHAR, title VARCHAR, metric "
        "VARCHAR, subject VARCHAR, basis VARCHAR, schedule_id VARCHAR, responder VARCHAR, target_seconds BIGINT, "
        "target_value DECIMAL(18,6), target_unit VARCHAR, targets_by_priority VARCHAR, pause_statuses VARCHAR, "
        "teams VARCHAR, goal_rate DECIMAL(9,6), inherited_from VARCHAR"
    ),
    "dim_party": (
        "party_id VARCHAR, agreement_key VARCHAR, agreement_id VARCHAR, agreement_version BIGINT, name VARCHAR, "
        "role VARCHAR, is_approved BOOLEAN, approved_by VARCHAR, approved_date DATE"
    ),
    "dim_team": (
        "team_id VARCHAR, source VARCHAR, account VARCHAR, source_team_id VARCHAR, name VARCHAR, is_deleted BOOLEAN"
    ),
    "dim_schedule_interval": (
        "schedule_id VARCHAR, timezone VARCHAR, local_date DATE, opens_at TIMESTAMP, closes_at TIMESTAMP"
    ),
    "fct_message": (
        "message_id VARCHAR, source VARCHAR, account VARCHAR, channel_id VARCHAR, conversation_key BIGINT, "
        "conversation_id VARCHAR, source_conversation_id VARCHAR, source_message_id VARCHAR, customer_key VARCHAR, "
        "author_role VARCHAR, direction VARCHAR, published_at TIMESTAMP, received_at TIMESTAMP, deleted_at TIMESTAMP"
    ),
    "fct_sla_clock": (
        "clock_id VARCHAR, goal_key VARCHAR, agreement_id VARCHAR, agreement_version BIGINT, goal_id VARCHAR, metric "
        "VARCHAR, source VARCHAR, channel_id VARCHAR, conversation_key BIGINT, conversation_id VARCHAR, "
        "source_conversation_id VARCHAR, message_id VARCHAR, response_message_id VARCHAR, cycle_number BIGINT, "
        "team_id VARCHAR, team_member_id VARCHAR, priority VARCHAR, priority_at_decision VARCHAR, schedule_id VARCHAR, "
        "basis VARCHAR, target_seconds BIGINT, target_seconds_at_start BIGINT, goal_rate DECIMAL(9,6), started_at "
        "TIMESTAMP, started_by VARCHAR, stopped_at TIMESTAMP, stop_reason VARCHAR, due_at TIMESTAMP, elapsed_seconds "
        "BIGINT, elapsed_business_seconds BIGINT, elapsed_calendar_seconds BIGINT, paused_seconds BIGINT, "
        "paused_business_seconds BIGINT, outcome VARCHAR, excluded_reason VARCHAR, excluded_evidence VARCHAR, "
        "is_clock_skewed BOOLEAN, decided_at TIMESTAMP, decided_period DATE, started_period DATE"
    ),
    "fct_sla_clock_segment": (
        "clock_id VARCHAR, conversation_key BIGINT, segment_number BIGINT, state VARCHAR, began_at TIMESTAMP, began_by "
        "VARCHAR, ended_at TIMESTAMP, ended_by VARCHAR, business_seconds BIGINT, calendar_seconds BIGINT"
    ),
    "agreement_goal_monthly": (
        "agreement_id VARCHAR, agreement_key VARCHAR, agreement_version BIGINT, goal_id VARCHAR, goal_key "
        "VARCHAR, goal_title VARCHAR, metric VARCHAR, basis VARCHAR, kind VARCHAR, period DATE, decided_count "
        "BIGINT, met_count BIGINT, missed_count BIGINT, excluded_count BIGINT, running_count BIGINT, "
        "started_count BIGINT, stopped_count BIGINT, conversation_decided_count BIGINT, conversation_met_count "
        "BIGINT, conversation_missed_count BIGINT, conversation_attainment_rate DOUBLE, attainment_rate DOUBLE, "
        "goal_rate DECIMAL(9,6), is_goal_met BOOLEAN, indeterminate_reason VARCHAR, is_low_sample BOOLEAN, "
        "is_whole_period BOOLEAN, p50_seconds DOUBLE, p90_seconds DOUBLE, consecutive_missed_count BIGINT, "
        "error_budget_rate DOUBLE, is_signed BOOLEAN, signed_release_id VARCHAR"
    ),
    "agreement_scorecard_monthly": (
        "agreement_id VARCHAR, agreement_title VARCHAR, kind VARCHAR, period DATE, goals_met_count BIGINT, "
        "goals_missed_count BIGINT, goals_indeterminate_count BIGINT, credit_amount DECIMAL(18,3), "
        "open_flag_count BIGINT, flag_raised_count BIGINT, is_signed BOOLEAN"
    ),
    "fct_termination_review_flag": (
        "flag_id VARCHAR, agreement_id VARCHAR, agreement_key VARCHAR, goal_id VARCHAR, reason VARCHAR, "
        "first_period DATE, last_period DATE, missed_period_count BIGINT, evidence JSON, state VARCHAR, "
        "raised_at TIMESTAMP, decided_at TIMESTAMP, decision VARCHAR"
    ),
    "fct_review_decision": (
        "decision_id VARCHAR, flag_id VARCHAR, agreement_id VARCHAR, goal_id VARCHAR, decision VARCHAR, "
        "decided_by VARCHAR, decided_at TIMESTAMP, reason VARCHAR, actions JSON, release_id VARCHAR"
    ),
    "fct_service_credit": (
        "agreement_id VARCHAR, goal_id VARCHAR, period DATE, precedence INTEGER, decided_count BIGINT, met_count "
        "BIGINT, goal_rate DECIMAL(9,6), credited_elsewhere_count BIGINT, credited_decided_count BIGINT, "
        "result_rate DOUBLE, band VARCHAR, credit_rate DECIMAL(9,6), fee_amount DECIMAL(18,3), "
        "base_credit_amount DECIMAL(38,9), consecutive_missed_count INTEGER, multiplier DECIMAL(6,3), "
        "multiplied_credit_amount DECIMAL(38,12), goal_cap_amount DECIMAL(18,3), goal_credit_amount DECIMAL(18,3), "
        "period_cap_amount DECIMAL(18,3), credit_amount DECIMAL(18,3), currency VARCHAR, cap_applied VARCHAR, why "
        "VARCHAR, excluded_by VARCHAR, excluded_reason VARCHAR, excluded_evidence VARCHAR, status VARCHAR, "
        "approved_amount DECIMAL(18,3), decided_by VARCHAR, decided_date DATE, decision_reason VARCHAR, applied_by "
        "VARCHAR, applied_date DATE, applied_reference VARCHAR, earn_back_state VARCHAR, earned_back_period DATE, "
        "earned_back_amount DECIMAL(18,3), net_credit_amount DECIMAL(18,3), is_signed BOOLEAN, signed_release_id "
        "VARCHAR"
    ),
    "fct_restatement": (
        "agreement_id VARCHAR, goal_id VARCHAR, period DATE, signed_rate DOUBLE, restated_rate DOUBLE, "
        "signed_met_count BIGINT, signed_decided_count BIGINT, restated_met_count BIGINT, restated_decided_count "
        "BIGINT, reason VARCHAR, signed_credit_amount DECIMAL(18,3), restated_credit_amount DECIMAL(18,3), "
        "currency VARCHAR, restated_at TIMESTAMP, signed_release_id VARCHAR"
    ),
    "public_statement": (
        "channel_id VARCHAR, agreement_id VARCHAR, agreement_key VARCHAR, version INTEGER, language VARCHAR, "
        "statement_text VARCHAR, character_count INTEGER, character_limit INTEGER, placement VARCHAR, statement_url "
        "VARCHAR, verified_at TIMESTAMP, problem VARCHAR, statements VARCHAR"
    ),
    "channel_volume_monthly": (
        "channel_id VARCHAR, period DATE, listened_count BIGINT, assistance_count BIGINT, unknown_intent_count BIGINT, "
        "actionable_count BIGINT, answered_count BIGINT, never_answered_count BIGINT, never_answered_rate DOUBLE, "
        "pending_count BIGINT, measurable_count BIGINT, measurable_share DOUBLE, never_viewed_count BIGINT, "
        "peak_met_count BIGINT, peak_decided_count BIGINT, peak_attainment_rate DOUBLE, other_met_count BIGINT, "
        "other_decided_count BIGINT, other_attainment_rate DOUBLE, headroom_ratio DOUBLE"
    ),
    "channel_promise_hourly": (
        "channel_id VARCHAR, period DATE, hour_of_week INTEGER, message_count BIGINT, promised_count BIGINT, "
        "kept_count BIGINT, outside_hours_count BIGINT, calendar_decided_count BIGINT, calendar_kept_count BIGINT"
    ),
    "fct_release": (
        "release_id VARCHAR, published_at TIMESTAMP, as_of TIMESTAMP, gate_status VARCHAR, rows BIGINT, sha256 "
        "VARCHAR, is_signed BOOLEAN, parent_release_id VARCHAR, config_sha256 VARCHAR"
    ),
    "fct_quality_result": (
        "release_id VARCHAR, gate_run_id VARCHAR, suite VARCHAR, expectation VARCHAR, mart VARCHAR, column_name "
        "VARCHAR, severity VARCHAR, success BOOLEAN, unexpected_count BIGINT, observed_value VARCHAR, message "
        "VARCHAR, run_at TIMESTAMP"
    ),
}
