with

messages as (

    select * from {{ ref('int_mastodon_posts_assigned') }}

),

{{ social_messages('mastodon') }}

select * from final
