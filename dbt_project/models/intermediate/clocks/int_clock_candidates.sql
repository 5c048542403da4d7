-- Of conversations in which an inbound message was deleted at its source: the messages that may start a clock, in order (D16). A
-- turn's are those it covers (candidate_group is its turn_group); those of a resolution, of waiting and work, and of the first
-- gap between updates are the message that began it and the conversation's own later ones (candidate_group -1).
with

deleted as (

    select distinct
        way_number,
        conversation_key
    from {{ ref('int_clock_timeline') }}
    where deleted_epoch is not null

),

events as (

    select timeline.*
    from {{ ref('int_clock_timeline') }} as timeline
    inner join deleted
        on timeline.way_number = deleted.way_number and timeline.conversation_key = deleted.conversation_key

),

first_responses as (

    select
        way_number,
        conversation_key,
        min(event_number) as event_number
    from events
    where event = {{ code('event', 'response') }} and inbound_so_far > 0
    group by way_number, conversation_key

),

inbound as (

    select
        events.way_number,
        events.conversation_key,
        case
            when events.event_number <= coalesce(first_responses.event_number, events.event_number) then 0
            else 1 + events.enders_before
        end as candidate_group,
        events.event_number,
        events.event_epoch,
        events.start_epoch,
        events.reference as source_message_id,
        events.is_moved,
        events.deleted_epoch,
        events.inbound_so_far = 1 as is_first
    from events
    left join first_responses
        on
            events.way_number = first_responses.way_number
            and events.conversation_key = first_responses.conversation_key
    where events.event = {{ code('event', 'inbound') }}

)

select
    * exclude (is_first),
    row_number() over (
        partition by way_number, conversation_key, candidate_group
        order by start_epoch, event_number
    ) as candidate_number
from inbound
union all
select
    * exclude (is_first) replace (-1 as candidate_group),
    row_number() over (partition by way_number, conversation_key order by event_number) as candidate_number
from inbound
where is_first or not is_moved
