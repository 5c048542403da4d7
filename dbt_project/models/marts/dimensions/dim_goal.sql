with

counted as (

    select
        *,
        count(*) over (partition by goal_key) as target_count
    from {{ ref('stg_config__goal_targets') }}

),

targets as (

    -- A target for each priority has no one figure: the columns hold the default's, or the only one's; all are in the JSON.
    select
        goal_key,
        max(case when priority = 'default' or target_count = 1 then target_seconds end) as one_seconds,
        max(case when priority = 'default' or target_count = 1 then target_value end) as one_value,
        max(case when priority = 'default' or target_count = 1 then target_unit end) as one_unit,
        {{ targets_json() }} as targets_by_priority
    from counted
    group by goal_key

),

final as (

    select
        goals.goal_key,
        goals.goal_id,
        goals.agreement_key,
        goals.agreement_id,
        cast(goals.version as integer) as agreement_version,
        goals.title,
        goals.metric,
        goals.subject,
        goals.basis,
        goals.schedule_id,
        goals.responder,
        cast(targets.one_seconds as bigint) as target_seconds,
        cast(targets.one_value as decimal(18, 6)) as target_value,
        targets.one_unit as target_unit,
        targets.targets_by_priority,
        {{ joined_texts('goals.pause_statuses') }} as pause_statuses,
        {{ joined_texts('goals.teams') }} as teams,
        goals.goal_rate,
        goals.from_date,
        goals.to_date,
        goals.inherited_from
    from {{ ref('stg_config__goals') }} as goals
    left join targets on goals.goal_key = targets.goal_key

)

select * from final
