select * from {{ ref('int_x_conversations') }}
union all
select * from {{ ref('int_zendesk_conversations') }}
