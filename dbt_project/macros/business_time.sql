{#
    Business time (D1-D3, D13). config.schedule_intervals holds each schedule's open stretches in UTC, ordered and disjoint,
    with the open seconds before each; so an instant's place on the business clock is one ordered look-up, elapsed time is a
    subtraction, and the due instant is the inverse look-up. Without a schedule the clock is the calendar: seconds since 1970.
#}

{# Finds, for `instant`, the last open stretch that began at or before it. #}
{% macro join_open_stretch(alias, schedule, instant) -%}
    {{ asof_left_join(ref('stg_config__schedule_intervals'), alias, [[schedule, 'schedule_id']], instant, 'opens_at') }}
{%- endmacro %}

{# The clock's position at `instant`, given the joined stretch. #}
{% macro clock_position(alias, schedule, instant) -%}
    case
        when {{ schedule }} is null then {{ epoch_seconds(instant) }}
        when {{ alias }}.opens_at is null then 0
        else
            {{ alias }}.open_seconds_before
            + {{ seconds_between(alias ~ '.opens_at', 'least(' ~ instant ~ ', ' ~ alias ~ '.closes_at)') }}
    end
{%- endmacro %}

{# Finds the stretch in which the clock first shows `position`: at a boundary the earlier one, so that a target that ends with
   the day is due at closing time, not at the next opening (D2). #}
{% macro join_stretch_at(alias, schedule, position) -%}
    {{ asof_left_join(
        ref('stg_config__schedule_intervals'), alias, [[schedule, 'schedule_id']], position, 'open_seconds_before', strict=true
    ) }}
{%- endmacro %}

{# The first instant at which the clock shows `position`; null past the end of the expanded calendar, which a test refuses. #}
{% macro instant_at(alias, schedule, position) -%}
    case
        when {{ position }} is null then null
        when {{ schedule }} is null then {{ from_epoch_seconds(position) }}
        when
            {{ alias }}.open_seconds_before + {{ seconds_between(alias ~ '.opens_at', alias ~ '.closes_at') }} >= {{ position }}
            then {{ add_seconds(alias ~ '.opens_at', position ~ ' - ' ~ alias ~ '.open_seconds_before') }}
    end
{%- endmacro %}

{# A target in seconds (D5, D13): a business day is the open time of one scheduled day, counted from the day that holds the
   first open second at or after the start, and so fixed when the clock starts. #}
{% macro target_in_seconds(target, first_day, last_day) -%}
    case
        when {{ target }}.target_unit = 'business_days'
            then {{ last_day }}.open_seconds_before + {{ last_day }}.open_seconds - {{ first_day }}.open_seconds_before
        else {{ target }}.target_seconds
    end
{%- endmacro %}
