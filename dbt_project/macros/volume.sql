{#
    What became of a message by the end of an interval and the wait after it (M7), of a relation with the columns of
    int_inbound_messages: answered, never_answered, pending (the wait is not over at as_of), deleted (before its answer, D16);
    null where nobody needs to answer it.
#}
{% macro message_fate(ends_epoch, as_of_epoch) -%}
    {%- set deadline = '(' ~ ends_epoch ~ ' + ' ~ longest_wait_seconds() ~ ')' -%}
    case
        when not is_actionable then null
        when deleted_epoch <= {{ deadline }} and deleted_epoch < coalesce(answered_epoch, {{ forever() }}) then 'deleted'
        when answered_epoch <= {{ deadline }} then 'answered'
        when {{ as_of_epoch }} < {{ deadline }} then 'pending'
        else 'never_answered'
    end
{%- endmacro %}

{# Whether a person of the company opened a message by then (M8); who answers it has. #}
{% macro is_viewed_by(ends_epoch) -%}
    coalesce(least(viewed_epoch, answered_epoch) <= {{ ends_epoch }} + {{ longest_wait_seconds() }}, false)
{%- endmacro %}

{# Counts of M7 to M10 over a group of messages with fate and is_viewed; every mart of volumes has them. #}
{% macro volume_counts() -%}
    count(*) as listened_count,
    count(case when asks_for_help then 1 end) as assistance_count,
    count(case when intent is null then 1 end) as unknown_intent_count,
    count(case when fate in ('answered', 'never_answered', 'pending') then 1 end) as actionable_count,
    count(case when fate = 'answered' then 1 end) as answered_count,
    count(case when fate = 'never_answered' then 1 end) as never_answered_count,
    count(case when fate = 'pending' then 1 end) as pending_count,
    count(case when fate in ('answered', 'never_answered') and has_views then 1 end) as measurable_count,
    count(case when fate = 'never_answered' and has_views and not is_viewed then 1 end) as never_viewed_count
{%- endmacro %}

{# The same of a spine `intervals` and the counts of its messages, `counted`: no message is 0, what cannot be known is null. #}
{% macro volume_columns(intervals, counted) -%}
    coalesce({{ counted }}.listened_count, 0) as listened_count,
    case
        when {{ counted }}.listened_count > {{ counted }}.unknown_intent_count then {{ counted }}.assistance_count
        when {{ counted }}.listened_count is null then 0
    end as assistance_count,
    coalesce({{ counted }}.unknown_intent_count, 0) as unknown_intent_count,
    coalesce({{ counted }}.actionable_count, 0) as actionable_count,
    coalesce({{ counted }}.answered_count, 0) as answered_count,
    coalesce({{ counted }}.never_answered_count, 0) as never_answered_count,
    {{ counted }}.never_answered_count
    / nullif(cast({{ counted }}.answered_count + {{ counted }}.never_answered_count as double), 0) as never_answered_rate,
    coalesce({{ counted }}.pending_count, 0) as pending_count,
    coalesce({{ counted }}.measurable_count, 0) as measurable_count,
    {{ counted }}.measurable_count
    / nullif(cast({{ counted }}.answered_count + {{ counted }}.never_answered_count as double), 0) as measurable_share,
    case when {{ intervals }}.has_views then coalesce({{ counted }}.never_viewed_count, 0) end as never_viewed_count,
    -- Never viewed is never answered, for who answers has viewed: the union of the two is the second.
    coalesce({{ counted }}.never_answered_count, 0) as never_answered_or_viewed_count
{%- endmacro %}

{# Whether the source in a column records when people open messages (M8). #}
{% macro has_views(column) -%}
    {%- set names = sources_that_record_views() -%}
    {{ column ~ " in ('" ~ names | join("', '") ~ "')" if names else 'false' }}
{%- endmacro %}

{# Names of the sources in use that record when people open messages: they have int_<source>_views. #}
{% macro sources_that_record_views() -%}
    {{ return(sources_with('views')) }}
{%- endmacro %}

{# Hours of the trailing 90 days (M11), and how many in a row a rate must be held to count as sustained. #}
{% macro trailing_hours() -%}
    {{ return(90 * 24) }}
{%- endmacro %}
{% macro sustained_hours() -%}
    {{ return(3) }}
{%- endmacro %}
