with

messages as (

    select * from {{ ref('int_youtube_posts_assigned') }}

),

{{ social_messages('youtube') }}

select * from final
