{#
    What helpdesks have in common, so that a source says only what is its own. Each macro gives common table expressions; the last
    one is `final`.
#}

{#
    The place of something in its conversation: by the vendor's time to the millisecond, then `rank` (D14: inbound first, changes
    after messages), then the vendor's own numbers. Unique in a conversation and comparable between messages and changes.
#}
{% macro place_in_time(milliseconds, rank, number) -%}
    (cast({{ milliseconds }} as bigint) * 1000000 + ({{ rank }}) * 100000 + cast({{ number }} as bigint) % 100000)
{%- endmacro %}

{# Ranks of what happens at the same moment. #}
{% macro rank_in_moment(what) -%}
    {{ return({'inbound': 0, 'other': 1, 'change': 5}[what]) }}
{%- endmacro %}

{#
    Tickets as they were at as_of, with channel, customer, merge and exclusion (D8, D9, D15, D16); canonical columns of
    conversations and, for the other models, customer_id, subject, tags and way_in. One row a ticket.

    tickets: relation with conversation_key, account, ticket_id, way_in (what channels are told apart by), customer_id, created_at,
    subject, tags, is_spam, deleted_at, merged_into_ticket_id, merged_at. match_key: what channels.yaml calls the way in.
#}
{% macro helpdesk_tickets(source, tickets, match_key='via', has_status='true') -%}
    ways_in as (

        select distinct
            account,
            way_in
        from {{ tickets }}

    ),

    channels as (

        select
            ways_in.account,
            ways_in.way_in,
            channels.channel_id
        from ways_in
        inner join {{ ref('stg_config__channels') }} as channels
            on
                channels.source = '{{ source }}'
                and ways_in.account = channels.account
                and (
                    {{ json_texts('channels.match_rule', match_key) }} is null
                    or {{ array_holds(json_texts('channels.match_rule', match_key), 'ways_in.way_in') }}
                )

    ),

    tagged as (

        select
            conversation_key,
            unnest(tags) as tag
        from {{ tickets }}

    ),

    reasons as (

        select
            tagged.conversation_key,
            rules.excluded_reason,
            'tag ' || tagged.tag as evidence
        from tagged
        inner join {{ ref('exclusion_tags') }} as rules on rules.source = '{{ source }}' and lower(tagged.tag) = rules.tag
        union all
        select
            tagged.conversation_key,
            'tolerance' as excluded_reason,
            'rule ' || tolerance.rule || ' of ' || tolerance.agreement_key || ': tag ' || tagged.tag as evidence
        from tagged
        inner join {{ tickets }} as tickets on tagged.conversation_key = tickets.conversation_key
        inner join channels on tickets.account = channels.account and tickets.way_in is not distinct from channels.way_in
        inner join {{ ref('stg_config__tolerance_tags') }} as tolerance
            on
                channels.channel_id = tolerance.channel_id
                and lower(tagged.tag) = tolerance.tag
                and tickets.created_at >= tolerance.from_at
                and (tolerance.to_at is null or tickets.created_at < tolerance.to_at)
        union all
        select
            conversation_key,
            'spam' as excluded_reason,
            'marked as spam' as evidence
        from {{ tickets }}
        where is_spam
        union all
        select
            conversation_key,
            'deleted' as excluded_reason,
            'deleted at the source' as evidence
        from {{ tickets }}
        where deleted_at is not null

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
            '{{ source }}:' || tickets.account || ':' || tickets.ticket_id as conversation_id,
            '{{ source }}' as source,
            tickets.account,
            channels.channel_id,
            tickets.ticket_id as source_conversation_id,
            {{ pseudonym(
                "'" ~ source ~ ":' || tickets.account || ':' || coalesce(tickets.customer_id, 'nobody of ' || tickets.ticket_id)"
            ) }} as customer_key,
            tickets.created_at,
            {{ has_status }} as has_status,
            '{{ source }}:' || tickets.account || ':' || tickets.merged_into_ticket_id as merged_into_conversation_id,
            case
                when tickets.merged_into_ticket_id is not null
                    then {{ text_key("'" ~ source ~ ":' || tickets.account || ':' || tickets.merged_into_ticket_id") }}
            end as merged_into_conversation_key,
            tickets.merged_at,
            tickets.deleted_at,
            first_reason.excluded_reason,
            first_reason.evidence as excluded_evidence,
            tickets.customer_id,
            tickets.subject,
            tickets.tags,
            tickets.way_in
        from {{ tickets }} as tickets
        left join channels
            on tickets.account = channels.account and tickets.way_in is not distinct from channels.way_in
        left join first_reason on tickets.conversation_key = first_reason.conversation_key

    )
{%- endmacro %}

{#
    Canonical messages (R1-R4, D15) of tickets on configured channels.

    messages: relation with conversation_key, account, message_id, author_id, side (`outside`: whoever is not the company's,
    `company`, `system`), automatic (the vendor's own word that no person wrote it: bot, auto_reply, survey; else null), is_public,
    is_delivered, kind, occurred_at, milliseconds, number (of the vendor, growing), text_start (lower case; null where the text is
    of no use), is_opening (the subject speaks for it), source_team_id, source_team_member_id, deleted_at,
    in_reply_to_source_message_id.
#}
{% macro helpdesk_messages(source, messages) -%}
    written as (

        select
            messages.*,
            tickets.customer_id,
            tickets.subject,
            case
                when messages.side <> 'outside' then messages.side
                -- Who asks is the customer, whatever they became since.
                when messages.author_id is null or tickets.customer_id is null or messages.author_id = tickets.customer_id
                    then 'customer'
                else 'other_customer'
            end as author_side
        from {{ messages }} as messages
        inner join {{ ref('int_' ~ source ~ '_tickets') }} as tickets on messages.conversation_key = tickets.conversation_key
        where tickets.channel_id is not null and messages.occurred_at <= {{ as_of() }}

    ),

    automated as (

        select
            conversation_key,
            message_id,
            min(reason) as reason
        from (
            select
                conversation_key,
                message_id,
                automatic as reason
            from written
            where automatic is not null
            union all
            select
                written.conversation_key,
                written.message_id,
                authors.reason
            from written
            inner join {{ ref('stg_config__automation_authors') }} as authors
                on
                    authors.source = '{{ source }}'
                    and written.account = authors.account
                    and written.author_id = authors.author_ref
            union all
            select
                written.conversation_key,
                written.message_id,
                prefixes.reason
            from written
            inner join {{ ref('stg_config__automation_text_prefixes') }} as prefixes
                on
                    prefixes.source = '{{ source }}'
                    and written.account = prefixes.account
                    and (
                        starts_with(written.text_start, lower(prefixes.text_prefix))
                        or (written.is_opening and starts_with(lower(written.subject), lower(prefixes.text_prefix)))
                    )
        ) as found
        group by conversation_key, message_id

    ),

    final as (

        select
            written.conversation_key,
            '{{ source }}' as source,
            written.account,
            written.message_id as source_message_id,
            written.in_reply_to_source_message_id,
            case
                when written.author_side = 'other_customer'
                    then {{ pseudonym("'" ~ source ~ ":' || written.account || ':' || written.author_id") }}
            end as other_author_key,
            case
                when written.author_side = 'company' then coalesce(automated.reason, 'person')
                when written.author_side = 'customer' and automated.reason is not null then 'bot'
                else written.author_side
            end as author_role,
            case
                when written.author_side in ('customer', 'other_customer') then 'inbound'
                when written.is_public and written.author_side = 'company' then 'outbound'
                else 'internal'
            end as direction,
            case
                when automated.reason = 'survey' then 'survey'
                else written.kind
            end as kind,
            cast(null as varchar) as intent,
            written.is_public,
            written.is_delivered,
            written.occurred_at as published_at,
            written.occurred_at as received_at,
            {{ place_in_time(
                'written.milliseconds',
                "case when written.author_side in ('customer', 'other_customer') then "
                ~ rank_in_moment('inbound') ~ ' else ' ~ rank_in_moment('other') ~ ' end',
                'written.number'
            ) }} as source_order,
            case when written.deleted_at <= {{ as_of() }} then written.deleted_at end as deleted_at,
            case
                when written.author_side = 'other_customer' then 'other_customer'
                when written.author_side = 'customer' and automated.reason is not null then 'automated_inbound'
            end as excluded_reason,
            case when written.author_side = 'company' then written.source_team_id end as source_team_id,
            case when written.author_side = 'company' then written.source_team_member_id end as source_team_member_id
        from written
        left join automated
            on written.conversation_key = automated.conversation_key and written.message_id = automated.message_id

    )
{%- endmacro %}

{#
    Canonical settings of the status, mapped (M4). What a merge did to the child's status, and what came after, does not count (D9).

    changes: relation with conversation_key, account, ticket_id, occurred_at, source_order, source_status.
#}
{% macro helpdesk_status_changes(source, changes) -%}
    final as (

        select
            changes.conversation_key,
            '{{ source }}' as source,
            changes.account,
            changes.ticket_id as source_conversation_id,
            changes.occurred_at as changed_at,
            changes.source_order,
            changes.source_status,
            mapping.status
        from {{ changes }} as changes
        inner join {{ ref('int_' ~ source ~ '_tickets') }} as tickets on changes.conversation_key = tickets.conversation_key
        left join {{ ref('status_mapping') }} as mapping
            on mapping.source = '{{ source }}' and changes.source_status = mapping.source_status
        where
            changes.occurred_at <= {{ as_of() }}
            and (tickets.merged_at is null or changes.occurred_at < tickets.merged_at)

    )
{%- endmacro %}

{#
    Canonical assignments: team and person as they are from each change on. A field keeps its last value until it changes itself.

    changes: relation with conversation_key, occurred_at, source_order, field (`team`, `member`) and new_value (null = nobody).
#}
{% macro helpdesk_assignments(source, changes) -%}
    final as (

        select
            conversation_key,
            '{{ source }}' as source,
            occurred_at as changed_at,
            source_order,
            nullif(last_value(case when field = 'team' then coalesce(new_value, '') end ignore nulls) over so_far, '')
                as source_team_id,
            nullif(last_value(case when field = 'member' then coalesce(new_value, '') end ignore nulls) over so_far, '')
                as source_team_member_id
        from {{ changes }}
        where occurred_at <= {{ as_of() }}
        window so_far as (
            partition by conversation_key
            order by occurred_at, source_order
            rows between unbounded preceding and current row
        )

    )
{%- endmacro %}
