with

messages as (

    select {{ social_message_columns() | join(', ') }} from {{ ref('int_instagram_posts_assigned') }}
    union all
    select {{ social_message_columns() | join(', ') }} from {{ ref('int_instagram_private_messages') }}

),

{{ social_messages('instagram') }}

select * from final
