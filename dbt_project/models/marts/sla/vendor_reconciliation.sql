{{ config(materialized='incremental', incremental_strategy='replace_touched', on_schema_change='fail') }}
-- depends_on: {{ ref('int_touched_conversations') }}
-- The largest part of a difference says what explains it, and every part of a minute or more needs a cause that is seen in the
-- conversation's history: a part without one leaves the whole unexplained.
with

parts as (

    select
        parts.*,
        coalesce(at_start.is_left_out, false) as starts_with_left_out,
        coalesce(at_start.is_opened_by_company, false) as starts_with_company,
        coalesce(at_start.is_automatic_answer and not at_start.is_answer, false) as starts_with_automatic,
        coalesce(at_our_start.is_customers_note, false) as our_start_is_note,
        coalesce(at_stop.is_automatic_answer and not at_stop.is_answer, false) as stops_with_automatic,
        coalesce(at_stop.is_closing, false) as stops_with_closing,
        {{ epoch_seconds('conversations.merged_at') }} as merged_epoch,
        -- A ticket begins with a message.
        {{ seconds_between('conversations.opened_at', 'conversations.first_message_at') }} >= 60 as has_lost_beginning
    from {{ ref('int_vendor_parts') }} as parts
    inner join {{ ref('fct_conversation') }} as conversations on parts.conversation_key = conversations.conversation_key
    left join {{ ref('int_vendor_instants') }} as at_start
        on parts.conversation_key = at_start.conversation_key and parts.vendor_start = at_start.at_epoch
    left join {{ ref('int_vendor_instants') }} as at_our_start
        on parts.conversation_key = at_our_start.conversation_key and parts.our_start = at_our_start.at_epoch
    left join {{ ref('int_vendor_instants') }} as at_stop
        on parts.conversation_key = at_stop.conversation_key and parts.vendor_stop = at_stop.at_epoch

),

caused as (

    select
        *,
        case
            when start_calendar = 0 then null
            when started_by = 'moved_by_merge' then 'merged'
            when vendor_start < our_start and starts_with_company and started_by = 'first_inbound'
                then 'starts_at_first_inbound'
            when vendor_start < our_start and starts_with_left_out then 'message_left_out'
            when vendor_start > our_start and our_start_is_note then 'customers_note'
            when vendor_start > our_start and starts_with_automatic and metric in ('periodic_update', 'pausable_update')
                then 'bots_answer'
            else 'unexplained'
        end as start_rule,
        case
            when stop_calendar = 0 then null
            when vendor_stop = merged_epoch then 'merged'
            when stop_calendar < 0 and stops_with_automatic then 'bots_answer'
            when stop_calendar < 0 and stops_with_closing and metric in ('first_response', 'next_response')
                then 'closed_without_reply'
            when stop_calendar < 0 and stops_with_closing and stopped_at is null then 'reopened'
            when
                stop_calendar < 0
                and not stops_with_closing
                and stopped_at is null
                and metric in ('requester_wait', 'agent_work')
                then 'still_running'
            else 'unexplained'
        end as stop_rule,
        case
            when pause_seconds = 0 then null
            -- The conversation runs again: time solved since the vendor's stop is a pause of our clock.
            when stop_calendar < 0 and stops_with_closing and stopped_at is null then 'reopened'
            when stop_calendar < 0 and stopped_at is null then 'still_running'
            when
                vendor_stop - vendor_start - replica_calendar = vendor_solved_seconds
                and vendor_solved_seconds > our_paused_calendar
                then 'reopened'
            when our_paused_calendar > 0 and pause_seconds > 0 then 'pauses'
            when vendor_stop - vendor_start > replica_calendar and pause_seconds < 0 then 'pauses'
            else 'unexplained'
        end as pause_rule,
        case
            when abs(remainder_seconds) < precision_seconds then null
            when basis = 'business' and abs(calendar_remainder_seconds) < precision_seconds then 'schedule_differs'
            else 'unexplained'
        end as remainder_rule
    from parts

),

-- Parts without a cause that is seen, a minute or more of them, leave the whole unexplained.
judged as (

    select
        *,
        greatest(abs(start_seconds), abs(stop_seconds), abs(pause_seconds)) as largest_seconds,
        remainder_seconds is null
        or remainder_rule = 'unexplained'
        or (start_rule = 'unexplained' and abs(start_seconds) >= 60)
        or (stop_rule = 'unexplained' and abs(stop_seconds) >= 60)
        or (pause_rule = 'unexplained' and abs(pause_seconds) >= 60) as has_unexplained_part
    from caused

),

explained as (

    select
        *,
        case
            when difference_seconds = 0 then 'equal'
            when abs(difference_seconds) >= 60 and excluded_reason not in ('merged', 'closed_without_reply') then 'excluded'
            when abs(difference_seconds) >= 60 and has_lost_beginning then 'history_begins_later'
            when has_unexplained_part then 'unexplained'
            when remainder_rule is not null and abs(remainder_seconds) >= largest_seconds then remainder_rule
            when largest_seconds = 0 then 'rounding_to_minutes'
            when abs(start_seconds) = largest_seconds then start_rule
            when abs(stop_seconds) = largest_seconds then stop_rule
            else pause_rule
        end as rule
    from judged

),

named as (

    select
        *,
        case when rule = 'unexplained' and abs(difference_seconds) < 60 then 'rounding_to_minutes' else rule end as explained_by,
        -- A change of priority moves targets, never seconds (D4, D19).
        (basis = 'business') = is_target_in_business_hours as is_target_on_this_basis
    from explained

),

final as (

    select
        named.clock_id,
        named.feed || '.' || named.vendor_metric || '.' || named.basis as vendor_metric,
        named.source,
        named.conversation_key,
        named.conversation_id,
        named.metric,
        named.basis,
        cast(named.instance_number as integer) as vendor_instance_number,
        {{ from_epoch_seconds('named.vendor_start') }} as vendor_started_at,
        {{ from_epoch_seconds('named.vendor_stop') }} as vendor_stopped_at,
        cast(named.vendor_seconds as bigint) as vendor_seconds,
        cast(named.our_seconds as bigint) as our_seconds,
        cast(named.difference_seconds as bigint) as difference_seconds,
        named.explained_by,
        rules.words as explanation,
        cast(named.start_seconds as bigint) as start_difference_seconds,
        named.start_rule as start_explained_by,
        cast(named.stop_seconds as bigint) as stop_difference_seconds,
        named.stop_rule as stop_explained_by,
        cast(named.pause_seconds as bigint) as pause_difference_seconds,
        named.pause_rule as pause_explained_by,
        cast(named.remainder_seconds as bigint) as remainder_seconds,
        named.remainder_rule as remainder_explained_by,
        cast(case when named.is_target_on_this_basis then named.vendor_target_seconds end as bigint) as vendor_target_seconds,
        cast(named.our_target_seconds as bigint) as our_target_seconds,
        case
            when not named.is_target_on_this_basis or named.vendor_target_seconds is null then null
            when named.vendor_target_seconds = named.our_target_seconds then 'equal'
            when named.vendor_target_seconds = named.our_target_seconds_at_start then 'priority_change'
            else 'agreement_differs'
        end as target_explained_by,
        case when named.is_target_on_this_basis then named.is_vendor_breached end as is_vendor_breached
    from named
    inner join {{ ref('reconciliation_rules') }} as rules on named.explained_by = rules.rule

)

select * from final
