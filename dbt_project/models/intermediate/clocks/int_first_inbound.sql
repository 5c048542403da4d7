-- The first eligible inbound message of each conversation with a status history, per way of counting: what resolution, work and
-- updates are measured from (M3-M5). A message that a merge moved in counts where there is no older one.
select
    timeline.way_number,
    timeline.conversation_key,
    timeline.event_number,
    timeline.event_epoch,
    timeline.start_epoch as started_epoch,
    timeline.reference as source_message_id,
    timeline.is_moved,
    timeline.deleted_epoch
from {{ ref('int_clock_timeline') }} as timeline
inner join {{ ref('int_conversations') }} as conversations on timeline.conversation_key = conversations.conversation_key
where
    timeline.event = {{ code('event', 'inbound') }}
    and timeline.inbound_so_far = 1
    and conversations.has_status
