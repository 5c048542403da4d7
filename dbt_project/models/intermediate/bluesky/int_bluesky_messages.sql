with

messages as (

    select * from {{ ref('int_bluesky_posts_assigned') }}

),

{{ social_messages('bluesky') }}

select * from final
