with

messages as (

    select {{ social_message_columns() | join(', ') }} from {{ ref('int_reddit_posts_assigned') }}
    union all
    select {{ social_message_columns() | join(', ') }} from {{ ref('int_reddit_private_messages') }}

),

{{ social_messages('reddit') }}

select * from final
