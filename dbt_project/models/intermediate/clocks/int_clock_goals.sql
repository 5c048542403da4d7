-- A goal on a channel while its agreement version is in force (D4, D18). A clock takes the row that holds its start.
with

goals as (

    select * from {{ ref('stg_config__goals') }}

),

final as (

    select
        goals.goal_key,
        goals.agreement_key,
        goals.agreement_id,
        goals.version,
        goals.goal_id,
        goals.metric,
        goals.subject,
        case when goals.subject = 'customer' then 'published' else 'received' end as start_basis,
        goals.basis,
        -- A calendar goal has its business time too, by the agreement's hours (D1).
        coalesce(goals.schedule_id, agreements.schedule_id) as schedule_id,
        case when goals.basis = 'business' then goals.schedule_id end as basis_schedule_id,
        case when goals.metric in ('first_response', 'next_response') then goals.responder else 'none' end as responder,
        goals.goal_rate,
        goals.pause_statuses,
        coalesce(len(goals.pause_statuses), 0) > 0 as has_pauses,
        goals.priorities,
        agreements.timezone,
        agreements.measures_people,
        channels.channel_id,
        in_force.from_at as in_force_from_at,
        coalesce(in_force.to_at, cast('9999-01-01' as timestamp)) as in_force_to_at,
        coalesce(goals.from_at, cast('0001-01-01' as timestamp)) as goal_from_at,
        coalesce(goals.to_at, cast('9999-01-01' as timestamp)) as goal_to_at
    from goals
    inner join {{ ref('stg_config__agreements') }} as agreements on goals.agreement_key = agreements.agreement_key
    inner join {{ ref('stg_config__agreement_channels') }} as channels on goals.agreement_key = channels.agreement_key
    inner join {{ ref('stg_config__agreement_in_force') }} as in_force on goals.agreement_key = in_force.agreement_key

)

select * from final
