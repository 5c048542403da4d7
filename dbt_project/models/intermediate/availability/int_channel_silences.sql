-- When nobody of the company was seen on a channel for longer than the agreed gap (M14): stretches between two events of persons,
-- before the first and after the last one. Time is cut into pieces as long as the gap, and only the first and last event of each
-- are looked at: two events in one piece are no farther apart than the gap.
with

channels as (

    select
        channel_id,
        min(staffing_gap_seconds) as staffing_gap_seconds
    from {{ ref('int_support_promises') }}
    group by channel_id

),

events as (

    select
        messages.channel_id,
        channels.staffing_gap_seconds,
        {{ epoch_seconds('messages.published_at') }} as event_epoch
    from {{ ref('fct_message') }} as messages
    inner join channels on messages.channel_id = channels.channel_id
    where messages.author_role = 'person' and messages.direction in ('outbound', 'internal')

),

seen as (

    select
        channel_id,
        min(event_epoch) as first_epoch,
        max(event_epoch) as last_epoch
    from events
    group by channel_id, floor(event_epoch / staffing_gap_seconds)
    union all
    select
        channel_id,
        {{ beginning() }} as first_epoch,
        {{ beginning() }} as last_epoch
    from channels

),

silences as (

    select
        channel_id,
        last_epoch as from_epoch,
        coalesce(lead(first_epoch) over (partition by channel_id order by first_epoch), {{ forever() }}) as to_epoch
    from seen

)

select
    silences.channel_id,
    silences.from_epoch,
    silences.to_epoch,
    channels.staffing_gap_seconds
from silences
inner join channels
    on
        silences.channel_id = channels.channel_id
        and silences.to_epoch - silences.from_epoch > channels.staffing_gap_seconds
