{#
    Streaks of missed periods (T1a, T3). Needs columns is_missed, is_met (both false = indeterminate: neither extends nor resets).
    Adds streak_number (how many met periods came before) and consecutive_missed_count, which an indeterminate period carries on.
#}
{% macro with_streaks(relation, keys) -%}
    select
        *,
        sum(case when is_missed then 1 else 0 end) over (
            partition by {{ keys | join(', ') }}, streak_number
            order by period
            rows between unbounded preceding and current row
        ) as consecutive_missed_count,
        min(case when is_missed then period end) over (partition by {{ keys | join(', ') }}, streak_number) as streak_first_period,
        max(case when is_missed then period end) over (partition by {{ keys | join(', ') }}, streak_number) as streak_last_missed_period,
        max(streak_number) over (partition by {{ keys | join(', ') }}) > streak_number as is_streak_ended
    from (
        select
            *,
            sum(case when is_met then 1 else 0 end) over (
                partition by {{ keys | join(', ') }}
                order by period
                rows between unbounded preceding and current row
            ) as streak_number
        from {{ relation }}
    ) as grouped
{%- endmacro %}
