with

targets as (

    select
        goal_key,
        max(case when priority = 'default' then target_seconds end) as default_seconds,
        max(case when priority = 'default' then target_value end) as default_value,
        max(case when priority = 'default' then target_unit end) as default_unit,
        count(*) as target_count,
        min(target_seconds) as only_seconds,
        min(target_value) as only_value,
        min(target_unit) as only_unit,
        {{ targets_json() }} as targets_by_priority
    from {{ ref('stg_config__goal_targets') }}
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
        -- A target for each priority has no one figure: the columns hold the default's, or the only one's; all are in targets_by_priority.
        cast(coalesce(targets.default_seconds, case when targets.target_count = 1 then targets.only_seconds end) as bigint) as target_seconds,
        cast(coalesce(targets.default_value, case when targets.target_count = 1 then targets.only_value end) as decimal(18, 6)) as target_value,
        coalesce(targets.default_unit, case when targets.target_count = 1 then targets.only_unit end) as target_unit,
        targets.targets_by_priority,
        goals.goal_rate,
        goals.from_date,
        goals.to_date,
        goals.inherited_from
    from {{ ref('stg_config__goals') }} as goals
    left join targets on goals.goal_key = targets.goal_key

)

select * from final
