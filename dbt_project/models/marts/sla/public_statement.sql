with

statements as (

    select * from {{ ref('stg_config__public_statements') }}

),

listed as (

    select
        channel_id,
        {{ statements_json() }} as statements
    from statements
    group by channel_id

)

select
    channels.channel_id,
    agreements.agreement_id,
    statements.agreement_key,
    cast(agreements.version as integer) as version,
    statements.goal_key,
    statements.language,
    statements.statement_text,
    cast(statements.character_count as integer) as character_count,
    cast(statements.character_limit as integer) as character_limit,
    statements.reading_ease_score,
    coalesce(statements.is_written_by_hand, false) as is_written_by_hand,
    statements.placement,
    statements.statement_url,
    statements.verified_at,
    case when statements.channel_id is null then 'no_statement' else statements.problem end as problem,
    coalesce(listed.statements, '[]') as statements
from {{ ref('stg_config__channels') }} as channels
left join statements on channels.channel_id = statements.channel_id and statements.is_main
left join listed on channels.channel_id = listed.channel_id
left join {{ ref('stg_config__agreements') }} as agreements on statements.agreement_key = agreements.agreement_key
