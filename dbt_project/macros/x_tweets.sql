{# One landed stream of X posts, renamed and cast: the streams have the same shape. #}
{% macro stage_x_tweets(stream) %}
with

landed as (

    select * from {{ source('landing', 'x__' ~ stream) }}
    {{ newest_version(['account', 'record_id']) }}

)

select
    account,
    record_id as tweet_id,
    cast(record_id as bigint) as source_order,
    {{ json_text('payload', 'author_id') }} as author_id,
    {{ utc_from_iso(json_text('payload', 'created_at')) }} as created_at,
    coalesce({{ json_text('payload', 'conversation_id') }}, record_id) as thread_id,
    {{ json_text('payload', 'in_reply_to_user_id') }} as in_reply_to_user_id,
    {{ json_first_where('payload', 'referenced_tweets', 'type', 'replied_to', 'id') }} as replied_to_tweet_id,
    coalesce(
        {{ array_holds(json_texts_of('payload', 'referenced_tweets', 'type'), "'retweeted'") }}, false
    ) as is_retweet,
    {{ json_text('payload', 'text') }} as body,
    {{ json_text('payload', 'lang') }} as language,
    {{ json_texts_of('payload', 'entities.mentions', 'username', lower_case=true) }} as mentioned_usernames,
    record_updated_at,
    extracted_at
from landed
{% endmacro %}
