-- RT's priorities are numbers: seeds/priority_ranges.csv says which is called what.
select
    settings.conversation_key,
    'request_tracker' as source,
    settings.occurred_at as changed_at,
    settings.source_order,
    ranges.priority
from {{ ref('int_request_tracker_settings') }} as settings
left join {{ ref('priority_ranges') }} as ranges
    on
        ranges.source = 'request_tracker'
        and cast(settings.new_value as bigint) between ranges.lowest and ranges.highest
where settings.field = 'priority'
