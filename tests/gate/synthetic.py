"""A small made-up warehouse with the marts' contract columns: good in every rule, so that a fault can be planted."""

# ruff: noqa: E501 - SQL reads better in long lines than in torn ones.

from __future__ import annotations

from pathlib import Path

import duckdb

AS_OF = "2026-11-03 00:00:00"

# Conversations spread evenly from January up to as_of, on two channels, and some that are still open. A closed one: question, answer,
# question after 6,000 s, answer, solved after 20,000 s; it is pending for 1,000 s from second 8,000 on, and then on hold for 500 s.
_CONVERSATIONS = f"""
create table raw_conversations as
with closed as (
  select number, timestamp '2026-01-01' + to_seconds(number * (306 * 86400 // 6000)) as opened_at, true as is_closed
  from range(6000) numbers(number)
),
open as (
  select 100000 + number, timestamp '{AS_OF}' - to_seconds(600 * (number + 1)), false
  from range(5) numbers(number)
),
everything as (select * from closed union all select * from open)
select number, 7000000000 + number as conversation_key, 'conversation-' || number as conversation_id,
       case when number % 2 = 0 then 'x_main' else 'mail' end as channel_id,
       case when number % 2 = 0 then 'x' else 'zendesk' end as source, 'acme' as account, 'customer-pseudonym-' || (number % 900) as customer_key,
       opened_at, is_closed, 60 + (number * 37) % 4500 as first_seconds, 60 + (number * 53) % 9000 as next_seconds
from everything
where opened_at + case when is_closed then interval 7 hour else interval 0 hour end <= timestamp '{AS_OF}'
"""

_INTERMEDIATE = """
create table intermediate.int_messages as
with lines as (
  select *, unnest([1, 2, 3, 4]) as line from raw_conversations
)
select conversation_key, source, account, conversation_id || '-' || line as source_message_id,
       case when line in (2, 4) then conversation_id || '-' || (line - 1) end as in_reply_to_source_message_id,
       case when line in (1, 3) then 'customer' else 'person' end as author_role,
       case when line in (1, 3) then 'inbound' else 'outbound' end as direction,
       case when source = 'x' then 'reply' else 'email' end as kind, true as is_public, true as is_delivered,
       opened_at + to_seconds(case line when 1 then 0 when 2 then first_seconds when 3 then 6000 else 6000 + next_seconds end) as published_at,
       published_at as received_at, null::timestamp as deleted_at, null::varchar as excluded_reason
from lines
where is_closed or line = 1;
create table intermediate.int_conversations as
select conversation_key, conversation_id, source, account, channel_id, 'ticket-' || number as source_conversation_id, customer_key,
       opened_at as created_at, true as has_status, null::varchar as merged_into_conversation_id,
       null::bigint as merged_into_conversation_key, null::timestamp as merged_at, null::timestamp as deleted_at,
       null::varchar as excluded_reason
from raw_conversations;
create table intermediate.int_unmapped_statuses (source varchar, source_status varchar, event_count bigint);
"""

# Hours: `always` is one stretch, `office` every day from 9 to 17 UTC.
_CONFIG = f"""
create table config.load as select timestamp '{AS_OF}' as as_of, 'config-hash' as config_sha256;
create table config.channels as
select * from (values ('x_main', 'x', 'acme', 'Acme on X', 'x', 'loyalty', 'UTC'), ('mail', 'zendesk', 'acme', 'Mail', 'email', 'care', 'UTC'))
  as t(channel_id, source, account, name, kind, strategic_objective, timezone);
create table config.agreements as
select 'care:1' as agreement_key, 'care' as agreement_id, 1 as version, 'Care' as title, 'customer' as kind, 'customer' as level,
       null::varchar as parent_agreement_id, 'Acme' as provider, 'Everybody' as customer, 'UTC' as timezone, null::varchar as schedule_id,
       date '2025-01-01' as valid_from_date, null::date as valid_to_date, 3 as flag_consecutive_periods, true as measures_people,
       2 as flag_missed_periods, 3 as flag_missed_of_periods, 0.5::decimal(9, 6) as flag_severity_floor,
       0.05::decimal(9, 6) as flag_credit_fee_rate, 2 as flag_credit_periods, 3 as flag_credit_of_periods;
create table config.credit_terms as
select 'care:1' as agreement_key, 'EUR' as currency, 2 as minor_unit, 'half_up' as rounding, 0.06::decimal(9, 6) as goal_cap_rate,
       0.08::decimal(9, 6) as cap_rate, 3 as repeat_consecutive_periods, 1.5::decimal(6, 3) as repeat_multiplier;
create table config.credit_bands as
select 'care:1' as agreement_key, goal_id, precedence, '[' || from_rate || ', ' || below_rate || ')' as band,
       from_rate::decimal(9, 6) as from_rate, below_rate::decimal(9, 6) as below_rate, credit_rate::decimal(9, 6) as credit_rate
from (values ('first', 1, 0, 0.7, 0.05), ('next', 2, 0.5, 0.95, 0.05), ('next', 2, 0, 0.5, 0.1))
  as t(goal_id, precedence, from_rate, below_rate, credit_rate);
create table config.credit_decisions as
select 'care' as agreement_id, 'next' as goal_id, date '2026-01-01' as period, decision, amount::decimal(18, 3) as amount, 'Board' as decided_by,
       decided_date, 'as proposed' as reason, null::varchar as reference
from (values ('approved', 50, date '2026-02-10'), ('applied', null, date '2026-03-01')) as t(decision, amount, decided_date);
create table config.agreement_in_force as
select 'care:1' as agreement_key, 'care' as agreement_id, 1 as version, timestamp '2025-01-01' as from_at, null::timestamp as to_at;
create table config.agreement_channels as select 'care:1' as agreement_key, channel_id from config.channels;
create table config.goals as
select 'care:1:' || goal_id as goal_key, 'care:1' as agreement_key, 'care' as agreement_id, 1 as version, goal_id, metric,
       case goal_id when 'own' then 'team' else 'customer' end as subject, basis, schedule_id, 'human' as responder,
       goal_rate::decimal(9, 6) as goal_rate, null::timestamp as from_at, null::timestamp as to_at, null::varchar[] as priorities,
       case when goal_id in ('full', 'wait', 'work') then ['pending'] else [] end::varchar[] as pause_statuses,
       case goal_id when 'own' then ['team-1'] end as teams, target_seconds
from (values ('first', 'first_response', 'business', 'always', 0.7, 3600), ('next', 'next_response', 'calendar', null, 0.95, 7200),
             ('full', 'full_resolution', 'calendar', null, 0.8, 86400), ('wait', 'requester_wait', 'calendar', null, 0.8, 86400),
             ('work', 'agent_work', 'calendar', null, 0.8, 86400), ('gap', 'periodic_update', 'calendar', null, 0.1, 10800),
             ('own', 'ownership_time', 'business', 'office', 0.5, 20000))
  as t(goal_id, metric, basis, schedule_id, goal_rate, target_seconds);
create table config.goal_targets as select goal_key, 'default' as priority, target_seconds from config.goals;
create table config.periods as
select 'UTC' as timezone, period::date as period, period as starts_at, period + interval 1 month as ends_at
from (select unnest(generate_series(timestamp '2025-01-01', timestamp '2027-12-01', interval 1 month)) as period);
create table config.schedule_intervals as
select 'always' as schedule_id, 1 as interval_number, date '2025-01-01' as local_date, timestamp '2025-01-01' as opens_at,
       timestamp '2028-01-01' as closes_at, 0 as open_seconds_before
union all
select 'office', number + 1, date '2025-01-01' + number::integer, timestamp '2025-01-01 09:00:00' + to_days(number::integer),
       timestamp '2025-01-01 17:00:00' + to_days(number::integer), number * 28800
from range(1000) as days(number);
create temp macro open_seconds_at(instant) as
  date_diff('day', timestamp '2025-01-01', instant) * 28800
  + least(greatest(date_diff('second', date_trunc('day', instant), instant) - 32400, 0), 28800);
create temp macro office_instant(reading) as
  timestamp '2025-01-01 09:00:00' + to_days(((reading - 1) // 28800)::integer) + to_seconds(reading - (reading - 1) // 28800 * 28800);
create table landing.manifest as
select source, account, stream, starts_at as partition_start, starts_at + interval 1 month as partition_end, 100 as row_count
from (values ('x', 'acme', 'mentions'), ('x', 'acme', 'tweets'), ('zendesk', 'acme', 'tickets')) as streams(source, account, stream),
     (select unnest(generate_series(timestamp '2026-01-01', timestamp '2026-11-01', interval 1 month)) as starts_at);
"""

_DIMENSIONS = f"""
create table marts.dim_date as
select day::date as date_day, date_trunc('month', day)::date as period
from (select unnest(generate_series(timestamp '2026-01-01', timestamp '2026-12-31', interval 1 day)) as day);
create table marts.dim_channel as select channel_id, source, account, name, kind, strategic_objective, timezone from config.channels;
create table marts.dim_agreement as
select agreement_key, agreement_id, version, kind, level, parent_agreement_id, provider, customer, valid_from_date, valid_to_date,
       true as has_all_approvals
from config.agreements;
create table marts.dim_goal as
select goal_key, goal_id, agreement_id, agreement_key, metric, subject, basis, target_seconds, goal_rate, array_to_string(teams, ', ') as teams,
       null::varchar as inherited_from
from config.goals;
create table marts.dim_schedule_interval as
select schedule_id, 'UTC' as timezone, local_date, opens_at, closes_at from config.schedule_intervals;
create table marts.dim_party as
select 'acme' as party_id, 'care:1' as agreement_key, 'care' as agreement_id, 'Acme' as name, 'provider' as role, true as is_approved;
create table marts.dim_team as select 'team-1' as team_id, 'zendesk' as source, 'Care' as name;
create table marts.dim_team_member as select 'member-1' as team_member_id, 'team-1' as team_id, 'agent' as role;
create table marts.dim_customer as select customer_key, min(source) as source from raw_conversations group by 1;
create table marts.fct_message as
select messages.source || ':' || messages.account || ':' || source_message_id as message_id, messages.source, messages.account, channel_id,
       messages.conversation_key, conversation_id, source_conversation_id, source_message_id, customer_key, author_role, direction, kind,
       messages.source || ':' || messages.account || ':' || in_reply_to_source_message_id as in_reply_to_message_id,
       false as author_is_bot, is_public, published_at, received_at, messages.deleted_at, messages.excluded_reason
from intermediate.int_messages as messages
join intermediate.int_conversations as conversations on messages.conversation_key = conversations.conversation_key;
create table marts.fct_conversation as
select conversation_key, conversation_id, source, 'ticket-' || number as source_conversation_id, channel_id, customer_key,
       case when is_closed then 'solved' else 'new' end as status, 'normal' as priority, opened_at, opened_at as first_inbound_at,
       case when is_closed then opened_at + to_seconds(first_seconds) end as first_human_response_at,
       case when is_closed then opened_at + to_seconds(first_seconds) end as first_any_response_at,
       case when is_closed then opened_at + interval 20000 second end as first_resolved_at,
       case when is_closed then opened_at + interval 20000 second end as last_resolved_at, 0 as reopen_count,
       case when is_closed then greatest(first_seconds, 6000 + next_seconds - first_seconds, 14000 - next_seconds)
            else date_diff('second', opened_at, timestamp '{AS_OF}') end as longest_update_gap_seconds,
       opened_at as first_message_at, case when is_closed then opened_at + to_seconds(6000 + next_seconds) else opened_at end as last_message_at,
       case when is_closed then 2 else 1 end as inbound_count, case when is_closed then 2 else 0 end as outbound_count, 0 as internal_count
from raw_conversations;
"""

# A clock's start and stop are seconds after the opening; `line` is the message that started it. Clocks of `office` hours are measured by
# the arithmetic of their days, all others run around the clock.
_CLOCKS = f"""
create table raw_clocks as
with runs as (
  select 'first' as goal_id, 1 as cycle_number, 1 as line, 'first_inbound' as started_by, 0 as from_second, first_seconds as to_second,
         'response' as reason, 0 as paused_seconds, * from raw_conversations
  union all
  select 'next', 2, 3, 'inbound_turn', 6000, 6000 + next_seconds, 'response', 0, * from raw_conversations where is_closed
  union all
  select 'full', 1, 1, 'first_inbound', 0, 20000, 'solved', 1000, * from raw_conversations
  union all
  select 'wait', 1, 1, 'first_inbound', 0, 20000, 'solved', 1000, * from raw_conversations
  union all
  select 'work', 1, 1, 'first_inbound', 0, 20000, 'solved', 1500, * from raw_conversations
  union all
  select 'gap', 1, 1, 'first_inbound', 0, first_seconds, 'update', 0, * from raw_conversations
  union all
  select 'gap', 2, 2, 'update', first_seconds, 6000 + next_seconds, 'update', 0, * from raw_conversations where is_closed
  union all
  select 'gap', 3, 4, 'update', 6000 + next_seconds, 20000, 'solved', 0, * from raw_conversations where is_closed
  union all
  select 'own', 1, 1, 'first_inbound', 0, 20000, 'solved', 0, * from raw_conversations
),
timed as (
  select * replace (case when is_closed then paused_seconds else 0 end as paused_seconds),
         opened_at + to_seconds(from_second) as started_at, case when is_closed then opened_at + to_seconds(to_second) end as stopped_at,
         coalesce(stopped_at, timestamp '{AS_OF}') as ended_at
  from runs
)
select md5(conversation_id || timed.goal_id || cycle_number) as clock_id, goals.*, timed.* exclude (goal_id),
       date_diff('second', started_at, ended_at) - paused_seconds as elapsed_calendar,
       case when schedule_id = 'office' then open_seconds_at(ended_at) - open_seconds_at(started_at) else elapsed_calendar end as elapsed_business
from timed join config.goals as goals on timed.goal_id = goals.goal_id;
create table marts.fct_sla_clock as
with measured as (
  select *, case basis when 'business' then elapsed_business else elapsed_calendar end as elapsed,
         case when elapsed > target_seconds then 'missed' when stopped_at is null then 'running' else 'met' end as outcome,
         case when schedule_id = 'office' then office_instant(open_seconds_at(started_at) + target_seconds)
              else started_at + to_seconds(target_seconds + paused_seconds) end as due_at
  from raw_clocks
),
decided as (
  select *, case when outcome in ('met', 'missed') then least(stopped_at, due_at) end as decided_at from measured
)
select clock_id, agreement_id, version as agreement_version, goal_id, goal_key, metric, source, channel_id, conversation_key,
       conversation_id, 'ticket-' || number as source_conversation_id, cycle_number,
       source || ':acme:' || conversation_id || '-' || line as message_id,
       case when reason in ('response', 'update') and stopped_at is not null
            then source || ':acme:' || conversation_id || '-' || case when line in (1, 3) then line + 1 else 4 end end as response_message_id,
       case goal_id when 'own' then 'team-1' end as team_id, null::varchar as team_member_id, 'normal' as priority,
       'default' as priority_at_decision, schedule_id, basis, goal_rate,
       target_seconds, target_seconds as target_seconds_at_start, started_at, started_by, stopped_at,
       case when stopped_at is not null then reason end as stop_reason, due_at, elapsed as elapsed_seconds,
       elapsed_business as elapsed_business_seconds, elapsed_calendar as elapsed_calendar_seconds, paused_seconds,
       paused_seconds as paused_business_seconds, outcome, null::varchar as excluded_reason, false as is_clock_skewed,
       decided_at, date_trunc('month', decided_at)::date as decided_period, date_trunc('month', started_at)::date as started_period
from decided;
create table marts.fct_sla_clock_segment as
with ends as (select *, coalesce(stopped_at, timestamp '{AS_OF}') as ended_at from marts.fct_sla_clock),
stretches as (
  select clock_id, conversation_key, 1 as segment_number, 'running' as state, started_at as began_at,
         case when paused_seconds > 0 then started_at + interval 8000 second else ended_at end as ended_at,
         case when paused_seconds > 0 then 8000 else elapsed_business_seconds end as business_seconds
  from ends
  union all
  select clock_id, conversation_key, 2, 'paused', started_at + interval 8000 second, started_at + to_seconds(8000 + paused_seconds), paused_seconds
  from ends where paused_seconds > 0
  union all
  select clock_id, conversation_key, 3, 'running', started_at + to_seconds(8000 + paused_seconds), ended_at, elapsed_business_seconds - 8000
  from ends where paused_seconds > 0
)
select *, 'first_inbound' as began_by, 'response' as ended_by, date_diff('second', began_at, ended_at) as calendar_seconds from stretches;
"""

# Every question is answered within hours, but for the last ones, which are pending, and every fiftieth second one, which counts as silence.
_VOLUME = f"""
create table raw_arrivals as
select channel_id, messages.conversation_key, source_message_id, published_at, date_trunc('hour', published_at) as hour_at,
       case when not is_closed then 'pending'
            when source_message_id like '%-3' and number % 50 < 2 and published_at < timestamp '{AS_OF}' - interval 40 day then 'never_answered'
            else 'answered' end as fate, number % 3 as kind
from intermediate.int_messages as messages join raw_conversations on messages.conversation_key = raw_conversations.conversation_key
where direction = 'inbound';
create temp macro volumes(hours) as table
select *, case when listened_count > unknown_intent_count then assisted when listened_count = 0 then 0 end as assistance_count,
       never_answered_count / nullif(answered_count + never_answered_count, 0) as never_answered_rate, 0 as measurable_count,
       0 / nullif(answered_count + never_answered_count, 0) as measurable_share, null::bigint as never_viewed_count,
       never_answered_count as never_answered_or_viewed_count
from query_table(hours);
create table raw_hours as
select hours.channel_id, hours.hour_at, count(arrived.fate) as listened_count, count(*) filter (where arrived.kind = 0) as assisted,
       count(*) filter (where arrived.kind = 1) as unknown_intent_count, count(arrived.fate) as actionable_count,
       count(*) filter (where arrived.fate = 'answered') as answered_count,
       count(*) filter (where arrived.fate = 'never_answered') as never_answered_count,
       count(*) filter (where arrived.fate = 'pending') as pending_count
from (
  select channel_id, unnest(generate_series(min(hour_at), timestamp '{AS_OF}', interval 1 hour)) as hour_at
  from raw_arrivals group by channel_id
) as hours
left join raw_arrivals as arrived on hours.channel_id = arrived.channel_id and hours.hour_at = arrived.hour_at
group by all;
create table marts.fct_incoming_volume_hourly as
select * exclude (seen), case when seen >= 2160 then usual end as arrivals_p95_count, actionable_count > arrivals_p95_count as is_peak_hour,
       case when seen >= 2160 then 2 end as best_sustained_count, best_sustained_count / nullif(arrivals_p95_count, 0) as headroom_ratio
from (
  select * exclude (assisted), hour_at::date as local_date, isodow(hour_at)::integer as day_of_week, hour(hour_at)::integer as hour_of_day,
         ((day_of_week - 1) * 24 + hour_of_day)::integer as hour_of_week, 86400 as local_day_seconds, false as is_clock_change_day,
         answered_count as handled_count, row_number() over (partition by channel_id order by hour_at) as seen,
         quantile_cont(actionable_count, 0.95) over (partition by channel_id order by hour_at rows 2159 preceding) as usual
  from volumes('raw_hours')
);
create table raw_days as
select channel_id, hour_at::date as date_day, sum(columns('_count$'))::bigint, sum(assisted)::bigint as assisted from raw_hours group by all;
create table marts.fct_incoming_volume_daily as
select * exclude (assisted), date_day::timestamp as starts_at, 86400 as local_day_seconds, false as is_clock_change_day
from volumes('raw_days');
create table raw_months as
select channel_id, date_trunc('month', date_day)::date as period, sum(columns('_count$'))::bigint, sum(assisted)::bigint as assisted
from raw_days group by all;
create table marts.channel_volume_monthly as
select months.* exclude (assisted), hours.* exclude (channel_id, period), if(peak_hour_count > 0, 40, 0) as peak_decided_count,
       if(peak_hour_count > 0, 30, 0) as peak_met_count, if(peak_hour_count > 0, 0.75, null) as peak_attainment_rate,
       60 as other_decided_count, 54 as other_met_count, 0.9 as other_attainment_rate
from volumes('raw_months') as months
join (
  select channel_id, date_trunc('month', local_date)::date as period, count(*) filter (where is_peak_hour) as peak_hour_count,
         count(is_peak_hour) as judged_hour_count, max_by(arrivals_p95_count, hour_at) as arrivals_p95_count,
         max_by(best_sustained_count, hour_at) as best_sustained_count, max_by(headroom_ratio, hour_at) as headroom_ratio
  from marts.fct_incoming_volume_hourly group by all
) as hours on months.channel_id = hours.channel_id and months.period = hours.period;
drop table raw_arrivals;
drop table raw_hours;
drop table raw_days;
drop table raw_months;
"""

_MONTHLY = """
create table marts.agreement_goal_monthly as
with spine as (
  select goals.goal_id, periods.period from config.goals as goals, config.periods as periods
  where periods.period between date '2026-01-01' and date '2026-11-01'
),
counted as (
  select spine.goal_id, spine.period, any_value(clocks.metric) as metric,
         count(*) filter (where outcome in ('met', 'missed')) as decided_count,
         count(*) filter (where outcome = 'met') as met_count, count(*) filter (where outcome = 'missed') as missed_count,
         quantile_cont(elapsed_seconds, 0.5) as p50_seconds, quantile_cont(elapsed_seconds, 0.9) as p90_seconds
  from spine left join marts.fct_sla_clock as clocks on spine.goal_id = clocks.goal_id and spine.period = clocks.decided_period
  group by all
),
cohorts as (
  select spine.goal_id, spine.period, count(*) filter (where outcome = 'met') as cohort_met_count,
         count(*) filter (where outcome = 'missed') as cohort_missed_count
  from spine left join marts.fct_sla_clock as clocks on spine.goal_id = clocks.goal_id and spine.period = clocks.started_period
  group by all
),
judged as (
  select counted.* exclude (metric), goals.metric, goals.goal_rate,
         case when period = date '2026-11-01' then 'not_whole' end as indeterminate_reason,
         case when period < date '2026-11-01' then met_count / decided_count >= goals.goal_rate end as is_goal_met
  from counted join config.goals as goals on counted.goal_id = goals.goal_id
)
select 'care' as agreement_id, 'care:1' as agreement_key, goal_id, metric, period, decided_count, met_count, missed_count,
       0 as excluded_count, 0 as running_count, met_count / nullif(decided_count, 0) as attainment_rate, goal_rate, is_goal_met,
       indeterminate_reason, decided_count < 10 as is_low_sample, p50_seconds, p90_seconds,
       case when not is_goal_met or (is_goal_met is null and goal_id = 'next')
            then date_diff('month', date '2026-01-01', period) + 1 else 0 end as consecutive_missed_count,
       decided_count as conversation_decided_count, met_count as conversation_met_count, missed_count as conversation_missed_count,
       cohort_met_count, cohort_missed_count, cohort_met_count / nullif(cohort_met_count + cohort_missed_count, 0) as cohort_attainment_rate,
       (1 - goal_rate) * decided_count::decimal(18, 0) as error_budget_count,
       missed_count / decided_count / (1 - goal_rate)::double as error_budget_burn_rate, 1 - error_budget_burn_rate as error_budget_rate,
       case when missed_count > error_budget_count then period + 20 end as error_budget_exhausted_date, false as is_signed
from judged join cohorts using (goal_id, period);
create table marts.team_attainment_monthly as
with counted as (
  select goal_id, decided_period as period, team_id, person, count(*) as decided_count,
         count(*) filter (where outcome = 'met') as met_count, count(*) filter (where outcome = 'missed') as missed_count,
         count(stopped_at) as stopped_count, quantile_cont(elapsed_seconds, 0.5) filter (where stopped_at is not null) as p50_seconds,
         quantile_cont(elapsed_seconds, 0.9) filter (where stopped_at is not null) as p90_seconds
  from (select *, unnest(case when team_id is null then [null] else [null, 'member-' || (conversation_key % 2)] end) as person from marts.fct_sla_clock)
  where decided_period is not null
  group by all
)
select 'care' as agreement_id, 'care:1' as agreement_key, goal_id, 'care:1:' || goal_id as goal_key, 'first_response' as metric, period,
       team_id, person as team_member_id, person is null as is_whole_team, decided_count, met_count, missed_count, 0 as excluded_count,
       0 as running_count, decided_count as started_count, stopped_count, met_count / decided_count as attainment_rate, 0.7 as goal_rate,
       decided_count < 10 as is_low_sample, p50_seconds, p90_seconds
from counted;
create table marts.support_availability_monthly as
select 'care' as agreement_id, 'care:1' as agreement_key, channel_id, period, 900 as staffing_gap_seconds, 28 * 28800 as promised_seconds,
       case when period = date '2026-10-01' then 0 else 400000 end as work_seconds,
       case when period = date '2026-10-01' then 0 else 300000 end as staffed_seconds, work_seconds - staffed_seconds as unstaffed_seconds,
       staffed_seconds / nullif(work_seconds, 0) as availability_rate, work_seconds / promised_seconds as coverage_rate, true as is_whole_period
from config.channels, (select distinct period from marts.agreement_goal_monthly);
create table marts.channel_promise_hourly as
select channel_id, period, hour_of_week::integer as hour_of_week, (hour_of_week // 24 + 1)::integer as day_of_week,
       (hour_of_week % 24)::integer as hour_of_day, 20 as message_count, if(hour_of_week % 24 < 8, 0, 15) as promised_count,
       promised_count * 4 // 5 as kept_count, kept_count / nullif(promised_count, 0) as kept_rate, 2 as pending_count, 1 as left_out_count,
       17 - promised_count as outside_hours_count, outside_hours_count / message_count as outside_hours_rate,
       20 as calendar_decided_count, 5 as calendar_kept_count, 0.25 as calendar_kept_rate
from config.channels, (select distinct period from marts.agreement_goal_monthly), range(168) as hours(hour_of_week);
create table marts.public_statement as
select channel_id, 'care' as agreement_id, 'care:1' as agreement_key, 1 as version, 'care:1:first' as goal_key, 'en' as language,
       'We answer everyone within one hour.' as statement_text, 35 as character_count, 160 as character_limit, 70.0 as reading_ease_score,
       false as is_written_by_hand, 'x_bio' as placement, 'https://x.com/acme' as statement_url, timestamp '2026-10-01' as verified_at,
       null::varchar as problem, '[{}]' as statements
from config.channels;
create table marts.vendor_reconciliation as
select clock_id, 'vendor.reply_time.' || basis as vendor_metric, source, conversation_key, conversation_id, metric, basis,
       elapsed_seconds // 60 * 60 as vendor_seconds, elapsed_seconds as our_seconds, -(elapsed_seconds % 60) as difference_seconds,
       case when elapsed_seconds % 60 = 0 then 'equal' else 'rounding_to_minutes' end as explained_by,
       0 as start_difference_seconds, null::varchar as start_explained_by, 0 as stop_difference_seconds, null::varchar as stop_explained_by,
       0 as pause_difference_seconds, null::varchar as pause_explained_by, -(elapsed_seconds % 60) as remainder_seconds,
       null::varchar as remainder_explained_by
from marts.fct_sla_clock where metric = 'first_response' and stopped_at is not null;
-- `next` is missed in every month: 5 % of 1,000.00, from the third on 7.5 %, capped at 6 %. `first` is met.
create table marts.fct_service_credit as
with steps as (
  select months.*, case goal_id when 'first' then 1 else 2 end as precedence, 0::bigint as credited_elsewhere_count,
         decided_count as credited_decided_count, met_count / nullif(decided_count, 0) as result_rate,
         case when not is_goal_met then 0.05::decimal(9, 6) end as credit_rate, case when not is_goal_met then '[0.5, 0.95)' end as band,
         1000::decimal(18, 3) as fee_amount, fee_amount::decimal(38, 3) * credit_rate as base_credit_amount,
         case when consecutive_missed_count >= 3 then 1.5 else 1 end::decimal(6, 3) as multiplier,
         base_credit_amount * multiplier as multiplied_credit_amount, 60::decimal(18, 3) as goal_cap_amount,
         80::decimal(18, 3) as period_cap_amount,
         case when is_goal_met is distinct from false then 0 else least(multiplied_credit_amount, 60) end::decimal(18, 3) as goal_credit_amount
  from marts.agreement_goal_monthly as months
  where goal_id in ('first', 'next')
)
select agreement_id, agreement_key, goal_id, period, (period + interval 1 month)::timestamp as ends_at, precedence, decided_count, met_count,
       goal_rate, credited_elsewhere_count, credited_decided_count, result_rate, band, credit_rate, fee_amount, base_credit_amount,
       consecutive_missed_count, multiplier, multiplied_credit_amount, goal_cap_amount, goal_credit_amount, period_cap_amount,
       goal_credit_amount as credit_amount, 'EUR' as currency, case when multiplied_credit_amount > 60 then 'goal' else 'none' end as cap_applied,
       case when is_goal_met is null then 'indeterminate' when is_goal_met then 'goal_met' else 'credited' end as why,
       case when credit_amount = 0 then 'no_credit' when period = date '2026-01-01' then 'applied' else 'proposed' end as status,
       case when goal_id = 'next' and period = date '2026-01-01' then 50::decimal(18, 3) end as approved_amount,
       null::varchar as decided_by, null::date as decided_date, 'none' as earn_back_state, null::date as earned_back_period,
       0::decimal(18, 3) as earned_back_amount, credit_amount as net_credit_amount, false as is_signed
from steps;
create table marts.agreement_scorecard_monthly as
select agreement_id, period,
       (select sum(credit_amount) from marts.fct_service_credit as credits where credits.period = months.period) as credit_amount,
       0::decimal(18, 3) as earned_back_amount, 'EUR' as currency, count(*) filter (where is_goal_met) as goals_met_count, count(*) filter (where not is_goal_met) as goals_missed_count,
       count(*) filter (where is_goal_met is null) as goals_indeterminate_count, 0 as open_flag_count
from marts.agreement_goal_monthly as months group by all;
create table marts.fct_termination_review_flag as
select md5(goal_id || period) as flag_id, agreement_id, agreement_key, goal_id, 'same_goal_missed_consecutively' as reason, date '2026-01-01' as first_period,
       period as last_period, consecutive_missed_count as missed_period_count, '{"rule":"T1a"}'::json as evidence,
       case when period = date '2026-10-01' then 'raised' else 'superseded' end as state,
       (period + interval 1 month)::timestamp as raised_at, null::timestamp as decided_at, null::varchar as decision
from marts.agreement_goal_monthly where not is_goal_met and consecutive_missed_count >= 3;
create table marts.fct_review_decision as
select md5(flag_id) as decision_id, flag_id, agreement_id, goal_id, 'continue' as decision, 'jane' as decided_by,
       timestamp '2026-06-03 09:00:00' as decided_at, 'Seen.' as reason, '[]'::json as actions, 'r1' as release_id
from marts.fct_termination_review_flag where last_period = (select min(last_period) from marts.fct_termination_review_flag);
update marts.fct_termination_review_flag
set state = 'decided', decision = 'continue', decided_at = timestamp '2026-06-03 09:00:00'
where flag_id in (select flag_id from marts.fct_review_decision);
create table marts.fct_restatement (
  agreement_id varchar, goal_id varchar, period date, signed_rate double, restated_rate double, signed_met_count bigint,
  signed_decided_count bigint, restated_met_count bigint, restated_decided_count bigint, reason varchar,
  signed_credit_amount decimal(18, 3), restated_credit_amount decimal(18, 3), restated_at timestamp
);
insert into marts.fct_restatement
values ('care', 'first', date '2026-03-01', 0.7, 0.8, 70, 100, 80, 100, 'a late reply was landed', null, null, timestamp '2026-11-03');
comment on table marts.fct_sla_clock is 'A run of a goal. One row a clock.';
comment on column marts.fct_sla_clock.clock_id is 'The clock.';
drop table raw_clocks;
drop table raw_conversations;
"""


# Real-looking sparse history: hardly anything for years, nearly everything in the last two months, some days without a message.
_SPARSE = """
delete from raw_conversations
where case when opened_at < timestamp '2026-09-01' then (number // 2) % 97 <> 0 else (number // 2) % 7 not in (0, 3) end;
delete from raw_conversations where month(opened_at) in (3, 4, 7) or day(opened_at) = 17;
"""


def build_warehouse(path: Path, *, is_sparse: bool = False) -> Path:
    """Write the made-up warehouse; every declared expectation holds on it."""
    with duckdb.connect(str(path)) as connection:
        for schema in ("landing", "config", "intermediate", "marts"):
            connection.execute(f"create schema {schema}")
        sparse = (_SPARSE,) if is_sparse else ()
        for script in (_CONVERSATIONS, *sparse, _INTERMEDIATE, _CONFIG, _DIMENSIONS, _VOLUME, _CLOCKS, _MONTHLY):
            connection.execute(script)
    return path
