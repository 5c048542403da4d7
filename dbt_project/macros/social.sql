{#
    What the sources of posts have in common: whose conversation a post belongs to (D15), what is automated (R1), and the canonical
    models. Posts are threads of answers that many people see; private conversations have one customer from the start.
#}

{#
    Common table expressions that give `assigned`: to whose conversation each post of an account belongs (account, post_id,
    customer_id, excluded_reason). A thread holds one conversation for each customer who addresses the company or is answered by it.

    They read `posts`: account, post_id, thread_id, source_order (any that can be compared inside a thread), created_at, author_id,
    author_kind (`own`, `other_own`: another account of ours, `customer`), is_addressed (to this account), is_for_other_account
    (names another account of ours, and not this one), replied_to_post_id, addressee_id (whom it answers, where the source says so).
    One of them is recursive: `with recursive posts as (…), <these>, final as (…)`.
#}
{% macro posts_assigned_to_customers() -%}
answered as (

    select distinct
        account,
        replied_to_post_id as post_id
    from posts
    where author_kind = 'own' and replied_to_post_id is not null

),

customer_posts as (

    select
        posts.*,
        (posts.is_addressed or answered.post_id is not null) as opens_own_conversation
    from posts
    left join answered on posts.account = answered.account and posts.post_id = answered.post_id
    where posts.author_kind = 'customer'

),

-- The thread's main customer: who began it, if they speak to the company in it; else who spoke to it first.
main_customers as (

    select
        account,
        thread_id,
        author_id as main_author_id
    from (
        select
            account,
            thread_id,
            author_id,
            min(created_at) filter (where opens_own_conversation) as first_addressed_at,
            min(source_order) filter (where opens_own_conversation) as first_addressed_order,
            bool_or(post_id = thread_id) as is_thread_starter
        from customer_posts
        group by account, thread_id, author_id
        having bool_or(opens_own_conversation)
    ) as candidates
    qualify row_number() over (
        partition by account, thread_id
        order by is_thread_starter desc, first_addressed_at asc, first_addressed_order asc, author_id asc
    ) = 1

),

thread_customers as (

    select distinct
        account,
        thread_id,
        author_id
    from customer_posts

),

customers_assigned as (

    select
        customer_posts.account,
        customer_posts.post_id,
        case
            when customer_posts.opens_own_conversation then customer_posts.author_id
            else main_customers.main_author_id
        end as customer_id,
        case
            when customer_posts.opens_own_conversation then null
            when customer_posts.author_id = main_customers.main_author_id then null
            else 'other_customer'
        end as excluded_reason
    from customer_posts
    left join main_customers
        on customer_posts.account = main_customers.account and customer_posts.thread_id = main_customers.thread_id
    where
        (customer_posts.opens_own_conversation or main_customers.main_author_id is not null)
        and (customer_posts.opens_own_conversation or not customer_posts.is_for_other_account)

),

own_posts as (

    select
        posts.account,
        posts.post_id,
        posts.thread_id,
        posts.replied_to_post_id,
        parent.author_kind as parent_author_kind,
        case
            when parent.author_kind = 'customer' then parent.author_id
            else coalesce(named.author_id, main_customers.main_author_id)
        end as stated_customer_id
    from posts
    left join posts as parent
        on posts.account = parent.account and posts.replied_to_post_id = parent.post_id
    left join thread_customers as named
        on
            posts.account = named.account
            and posts.thread_id = named.thread_id
            and posts.addressee_id = named.author_id
    left join main_customers
        on posts.account = main_customers.account and posts.thread_id = main_customers.thread_id
    where posts.author_kind = 'own'

),

-- The company continues its own post: it still speaks to whom it spoke before.
own_assigned as (

    select
        account,
        post_id,
        stated_customer_id as customer_id
    from own_posts
    where coalesce(parent_author_kind, '') <> 'own'

    union all

    select
        own_posts.account,
        own_posts.post_id,
        own_assigned.customer_id
    from own_posts
    inner join own_assigned
        on own_posts.account = own_assigned.account and own_posts.replied_to_post_id = own_assigned.post_id
    where own_posts.parent_author_kind = 'own'

),

assigned as (

    select
        account,
        post_id,
        customer_id,
        excluded_reason
    from customers_assigned
    union all
    select
        account,
        post_id,
        customer_id,
        cast(null as varchar) as excluded_reason
    from own_assigned

)
{%- endmacro %}

{#
    The posts of int_<source>_posts, each with the customer whose conversation it belongs to. That model has, beside what
    posts_assigned_to_customers reads: received_at, body, author_is_bot (the source says so), kind, via (for the `match` of channels),
    is_public, is_delivered, deleted_at. This is the whole model.
#}
{% macro posts_of_customers(source) -%}
with recursive

posts as (

    select * from {{ ref('int_' ~ source ~ '_posts') }}

),

{{ posts_assigned_to_customers() }},

final as (

    select
        posts.*,
        assigned.customer_id,
        assigned.excluded_reason,
        {{ pseudonym("'" ~ source ~ ":' || assigned.customer_id") }} as customer_key,
        case when posts.author_kind = 'customer' then {{ pseudonym("'" ~ source ~ ":' || posts.author_id") }} end as author_key
    from assigned
    inner join posts on assigned.account = posts.account and assigned.post_id = posts.post_id

)

select * from final
{%- endmacro %}

{#
    Common table expressions that give `final`: canonical messages, and beside them what a conversation takes from its messages
    (conversation_id, channel_id, customer_key, source_conversation_id). They read `messages`: social_message_columns, with one more
    author_kind: `internal`, a note that the customer does not see.

    handles: how this source writes the names with which an answer begins; a text prefix of automation stands behind them.
#}
{% macro social_messages(source, handles='@[^[:space:]]+') -%}
plain_messages as (

    select
        *,
        lower(trim(regexp_replace(body, '^(\s*{{ handles }})+\s*', ''))) as plain_body
    from messages

),

channels as (

    select * from {{ ref('stg_config__channels') }}
    where source = '{{ source }}'

),

automated as (

    select
        plain_messages.account,
        plain_messages.post_id,
        min(coalesce(authors.reason, prefixes.reason)) as reason
    from plain_messages
    left join {{ ref('stg_config__automation_authors') }} as authors
        on
            authors.source = '{{ source }}'
            and plain_messages.account = authors.account
            and plain_messages.author_id = authors.author_ref
    left join {{ ref('stg_config__automation_text_prefixes') }} as prefixes
        on
            prefixes.source = '{{ source }}'
            and plain_messages.account = prefixes.account
            and starts_with(plain_messages.plain_body, lower(prefixes.text_prefix))
    where authors.reason is not null or prefixes.reason is not null
    group by plain_messages.account, plain_messages.post_id

),

named as (

    select
        plain_messages.*,
        channels.channel_id,
        coalesce(automated.reason, case when plain_messages.author_is_bot then 'bot' end) as automation_reason,
        '{{ source }}:' || plain_messages.account || ':' || plain_messages.thread_id
        || coalesce(':' || left(plain_messages.customer_key, 12), '') as conversation_id
    from plain_messages
    inner join channels
        on
            plain_messages.account = channels.account
            and (
                {{ json_texts('channels.match_rule', 'via') }} is null
                or {{ array_holds(json_texts('channels.match_rule', 'via'), 'plain_messages.via') }}
            )
    left join automated
        on plain_messages.account = automated.account and plain_messages.post_id = automated.post_id

),

final as (

    select
        {{ text_key('conversation_id') }} as conversation_key,
        conversation_id,
        '{{ source }}' as source,
        account,
        channel_id,
        thread_id as source_conversation_id,
        post_id as source_message_id,
        customer_key,
        case when author_key <> customer_key then author_key end as other_author_key,
        case
            when author_kind = 'customer' and excluded_reason = 'other_customer' then 'other_customer'
            when author_kind = 'customer' and automation_reason is not null then 'bot'
            when author_kind = 'customer' then 'customer'
            else coalesce(automation_reason, 'person')
        end as author_role,
        case author_kind when 'customer' then 'inbound' when 'internal' then 'internal' else 'outbound' end as direction,
        case when automation_reason = 'survey' then 'survey' else kind end as kind,
        cast(null as varchar) as intent,
        is_public,
        is_delivered,
        replied_to_post_id as in_reply_to_source_message_id,
        created_at as published_at,
        received_at,
        source_order,
        deleted_at,
        case
            when excluded_reason is not null then excluded_reason
            when author_kind = 'customer' and automation_reason is not null then 'automated_inbound'
        end as excluded_reason,
        cast(null as varchar) as source_team_id,
        cast(null as varchar) as source_team_member_id
    from named

)
{%- endmacro %}

{# What social_messages reads of a message. #}
{% macro social_message_columns() -%}
    {{ return([
        'account', 'post_id', 'thread_id', 'source_order', 'author_id', 'author_kind', 'author_is_bot', 'author_key', 'customer_key',
        'excluded_reason', 'created_at', 'received_at', 'body', 'replied_to_post_id', 'kind', 'via', 'is_public', 'is_delivered',
        'deleted_at'
    ]) }}
{%- endmacro %}

{#
    Private messages as social_messages reads them, each with the customer of its conversation: whoever of sender and receiver is not
    the company. From stg_<source>__accounts (account, user_id, username) and stg_<source>__messages (account, message_id,
    conversation_id, author_id, author_username, recipient_id, created_at, body). This is the whole model.
#}
{% macro private_messages(source) -%}
with

messages as (

    select
        messages.*,
        coalesce(messages.author_id = own.user_id or messages.author_username = own.username, false) as is_own
    from {{ ref('stg_' ~ source ~ '__messages') }} as messages
    inner join {{ ref('stg_' ~ source ~ '__accounts') }} as own on messages.account = own.account
    where messages.created_at <= {{ as_of() }}

),

with_customer as (

    select
        *,
        {{ pseudonym("'" ~ source ~ ":' || case when is_own then recipient_id else author_id end") }} as customer_key
    from messages

)

select
    account,
    message_id as post_id,
    conversation_id as thread_id,
    cast(null as bigint) as source_order,
    author_id,
    case when is_own then 'own' else 'customer' end as author_kind,
    false as author_is_bot,
    case when not is_own then customer_key end as author_key,
    customer_key,
    cast(null as varchar) as excluded_reason,
    created_at,
    created_at as received_at,
    body,
    cast(null as varchar) as replied_to_post_id,
    'direct_message' as kind,
    'direct_message' as via,
    false as is_public,
    true as is_delivered,
    cast(null as timestamp) as deleted_at
from with_customer
{%- endmacro %}

{#
    A common table expression `named_answers` (account, post_id, replied_to_post_id): which post an answer means where all answers stand
    in one list below the first comment and say by name whom they answer. It is the newest one before it of whom it names.
    Reads a relation with account, post_id, thread_id, created_at, author_name, named_author.
#}
{% macro answers_by_name(relation) -%}
named_answers as (

    select
        answers.account,
        answers.post_id,
        named.post_id as replied_to_post_id
    from {{ relation }} as answers
    inner join {{ relation }} as named
        on
            answers.account = named.account
            and answers.thread_id = named.thread_id
            and answers.named_author = named.author_name
            and (
                named.created_at < answers.created_at
                or (named.created_at = answers.created_at and named.post_id < answers.post_id)
            )
    qualify row_number() over (
        partition by answers.account, answers.post_id
        order by named.created_at desc, named.post_id desc
    ) = 1

)
{%- endmacro %}

{# The canonical conversations of a source of posts, from its messages. This is the whole model. #}
{% macro social_conversations(source) -%}
with

messages as (

    select * from {{ ref('int_' ~ source ~ '_messages') }}

),

final as (

    select
        conversation_key,
        conversation_id,
        '{{ source }}' as source,
        min(account) as account,
        min(channel_id) as channel_id,
        min(source_conversation_id) as source_conversation_id,
        min(customer_key) as customer_key,
        min(published_at) as created_at,
        false as has_status,
        cast(null as varchar) as merged_into_conversation_id,
        cast(null as bigint) as merged_into_conversation_key,
        cast(null as timestamp) as merged_at,
        cast(null as timestamp) as deleted_at,
        cast(null as varchar) as excluded_reason,
        cast(null as varchar) as excluded_evidence
    from messages
    -- Two ids with one key stay two rows, which the test of the key refuses.
    group by conversation_key, conversation_id

)

select * from final
{%- endmacro %}
