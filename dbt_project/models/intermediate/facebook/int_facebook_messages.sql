with

messages as (

    select {{ social_message_columns() | join(', ') }} from {{ ref('int_facebook_posts_assigned') }}
    union all
    select {{ social_message_columns() | join(', ') }} from {{ ref('int_facebook_private_messages') }}

),

{{ social_messages('facebook') }}

select * from final
