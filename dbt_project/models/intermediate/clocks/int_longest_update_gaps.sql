-- The longest time that each conversation went without a person's word while it was open (M5); a gap without an end runs to
-- as_of, or to the merge that ended the conversation.
with

ways as (

    select way_number
    from {{ ref('int_clock_ways') }}
    where is_default

)

select
    gaps.conversation_key,
    max(
        coalesce(gaps.stopped_epoch, {{ epoch_seconds('conversations.merged_at') }}, run.as_of_epoch) - gaps.started_epoch
    ) as longest_update_gap_seconds
from ({{ update_gaps('ways') }}) as gaps
inner join {{ ref('int_conversations') }} as conversations on gaps.conversation_key = conversations.conversation_key
cross join (select {{ epoch_seconds('as_of') }} as as_of_epoch from {{ ref('stg_config__load') }}) as run
group by gaps.conversation_key
