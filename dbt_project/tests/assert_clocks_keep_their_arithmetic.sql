-- D1, D2, D6, D7 as identities: every clock answers for itself. A due instant that is missing lies past the end of the schedule's
-- expanded calendar. An incremental build looks at the clocks that it has computed again.
select
    clock_id,
    outcome
from {{ ref('fct_sla_clock') }}
where
    {{ is_touched('conversation_key') }}
    and (
        elapsed_seconds < 0
        or elapsed_business_seconds > elapsed_calendar_seconds
        or elapsed_seconds <> case basis when 'business' then elapsed_business_seconds else elapsed_calendar_seconds end
        or stopped_at < started_at
        or due_at < started_at
        or (outcome = 'met' and (stopped_at is null or elapsed_seconds > target_seconds))
        or (outcome = 'missed' and elapsed_seconds <= target_seconds)
        or (outcome in ('running', 'paused') and (stopped_at is not null or elapsed_seconds > target_seconds))
        or (outcome in ('met', 'missed', 'running') and due_at is null)
        or (outcome in ('met', 'missed')) <> (decided_at is not null)
        or (outcome = 'excluded') <> (excluded_reason is not null)
        or (decided_at is null) <> (decided_period is null)
        or decided_at <> least(stopped_at, due_at)
    )
