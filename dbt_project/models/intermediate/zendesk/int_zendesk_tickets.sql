{{ config(materialized='incremental', incremental_strategy='replace_touched') }}
-- A ticket as it was at as_of, with its channel, its customer and why it is out of every goal, if it is (D8, D16).
with

tickets as (

    select * from {{ ref('stg_zendesk__tickets') }}
    where created_at <= {{ as_of() }} and {{ is_touched('conversation_key') }}

),

-- The few ways in that an account has, matched with its channels once.
ways_in as (

    select distinct
        account,
        via_channel
    from tickets

),

channels as (

    select
        ways_in.account,
        ways_in.via_channel,
        channels.channel_id
    from ways_in
    inner join {{ ref('stg_config__channels') }} as channels
        on
            channels.source = 'zendesk'
            and ways_in.account = channels.account
            and (
                {{ json_texts('channels.match_rule', 'via') }} is null
                or {{ array_holds(json_texts('channels.match_rule', 'via'), 'ways_in.via_channel') }}
            )

),

people as (

    select
        account,
        user_id,
        person_key,
        is_suspended
    from {{ ref('stg_zendesk__users') }}
    where is_newest

),

tagged as (

    select
        conversation_key,
        unnest(tags) as tag
    from tickets

),

reasons as (

    select
        tagged.conversation_key,
        rules.excluded_reason,
        'tag ' || tagged.tag as evidence
    from tagged
    inner join {{ ref('exclusion_tags') }} as rules on rules.source = 'zendesk' and tagged.tag = rules.tag
    union all
    select
        tagged.conversation_key,
        'tolerance' as excluded_reason,
        'rule ' || tolerance.rule || ' of ' || tolerance.agreement_key || ': tag ' || tagged.tag as evidence
    from tagged
    inner join tickets on tagged.conversation_key = tickets.conversation_key
    inner join channels
        on tickets.account = channels.account and tickets.via_channel is not distinct from channels.via_channel
    inner join {{ ref('stg_config__tolerance_tags') }} as tolerance
        on
            channels.channel_id = tolerance.channel_id
            and lower(tagged.tag) = tolerance.tag
            and tickets.created_at >= tolerance.from_at
            and (tolerance.to_at is null or tickets.created_at < tolerance.to_at)
    union all
    select
        tickets.conversation_key,
        'spam' as excluded_reason,
        'requester is suspended' as evidence
    from tickets
    inner join people on tickets.account = people.account and tickets.requester_id = people.user_id
    where people.is_suspended
    union all
    select
        conversation_key,
        'deleted' as excluded_reason,
        'deleted at the source' as evidence
    from tickets
    where source_status = 'deleted' and updated_at <= {{ as_of() }}

),

first_reason as (

    select
        conversation_key,
        excluded_reason,
        evidence
    from reasons
    qualify row_number() over (
        partition by conversation_key
        order by {{ exclusion_rank('excluded_reason') }}, evidence
    ) = 1

),

final as (

    select
        tickets.conversation_key,
        tickets.account,
        tickets.ticket_id,
        channels.channel_id,
        tickets.via_channel,
        tickets.requester_id,
        coalesce(
            people.person_key, {{ pseudonym("'zendesk:' || tickets.account || ':' || tickets.requester_id") }}
        ) as customer_key,
        tickets.created_at,
        tickets.subject,
        merged.parent_ticket_id,
        merged.parent_conversation_key,
        merged.merged_at,
        merged.merged_order,
        case when tickets.source_status = 'deleted' and tickets.updated_at <= {{ as_of() }} then tickets.updated_at end
            as deleted_at,
        first_reason.excluded_reason,
        first_reason.evidence as excluded_evidence
    from tickets
    left join channels
        on tickets.account = channels.account and tickets.via_channel is not distinct from channels.via_channel
    left join people on tickets.account = people.account and tickets.requester_id = people.user_id
    left join {{ ref('int_zendesk_merges') }} as merged on tickets.conversation_key = merged.conversation_key
    left join first_reason on tickets.conversation_key = first_reason.conversation_key

)

select * from final
