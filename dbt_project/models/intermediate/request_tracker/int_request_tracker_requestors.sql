-- Who asks: the requestors, and the creator who is none of the staff. (Deleted tickets show their requestors by name only: these
-- cannot be compared, and nothing is measured on them.)
with

listed as (

    select
        conversation_key,
        account,
        creator_id,
        unnest(requestor_ids) as person_id
    from {{ ref('stg_request_tracker__tickets') }}

),

people as (

    select
        conversation_key,
        account,
        creator_id,
        person_id
    from listed
    where translate(person_id, '0123456789', '') = ''
    union
    select
        tickets.conversation_key,
        tickets.account,
        tickets.creator_id,
        tickets.creator_id as person_id
    from {{ ref('stg_request_tracker__tickets') }} as tickets
    left join {{ ref('stg_request_tracker__staff') }} as staff
        on tickets.account = staff.account and tickets.creator_id = staff.user_id and staff.is_newest and staff.is_staff
    where staff.user_id is null

)

select
    conversation_key,
    account,
    person_id,
    -- The conversation's one customer (D15): who opened it, else the requestor that RT has known longest.
    first_value(person_id) over (
        partition by conversation_key
        order by case when person_id = creator_id then 0 else 1 end, cast(person_id as bigint)
        rows between unbounded preceding and unbounded following
    ) as customer_id
from people
