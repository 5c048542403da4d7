{#
    Business time (D1-D3, D13). An instant's place on a schedule's business clock is the open seconds before it since the
    schedule's beginning, so elapsed time is a subtraction and the due instant the inverse look-up. Both look-ups are equal joins:
    int_schedule_instants has each schedule's stretches cut at UTC midnights, int_schedule_positions the open ones cut at every
    86,400 seconds of open time. Without a schedule the clock is the calendar: seconds since 1970.
#}

{# Finds the stretch that holds `epoch` (seconds since 1970). #}
{% macro join_schedule_at(alias, schedule_number, epoch) -%}
    left join {{ ref('int_schedule_instants') }} as {{ alias }}
        on
            {{ schedule_number }} = {{ alias }}.schedule_number
            and {{ whole_days(epoch) }} = {{ alias }}.day_number
            and {{ epoch }} >= {{ alias }}.from_epoch
            and {{ epoch }} < {{ alias }}.to_epoch
{%- endmacro %}

{# The business clock's reading at `epoch`, given the joined stretch; null without a schedule or outside its calendar. #}
{% macro position_at(alias, epoch) -%}
    ({{ alias }}.from_position + case when {{ alias }}.is_open then {{ epoch }} - {{ alias }}.from_epoch else 0 end)
{%- endmacro %}

{# Finds the stretch in which the clock first shows `position`: at a boundary the earlier one, so that a target that ends with
   the day is due at closing time, not at the next opening (D2). #}
{% macro join_schedule_to(alias, schedule_number, position) -%}
    left join {{ ref('int_schedule_positions') }} as {{ alias }}
        on
            {{ schedule_number }} = {{ alias }}.schedule_number
            and {{ whole_days(position ~ ' - 1') }} = {{ alias }}.position_bucket
            and {{ position }} > {{ alias }}.from_position
            and {{ position }} <= {{ alias }}.to_position
{%- endmacro %}

{# The first instant at which the clock shows `position`; null past the end of the expanded calendar, which a test refuses. #}
{% macro instant_at(alias, schedule_number, position) -%}
    case
        when {{ schedule_number }} is null then {{ position }}
        else {{ alias }}.from_epoch + {{ position }} - {{ alias }}.from_position
    end
{%- endmacro %}

{# Finds, for a target in business days, the scheduled day of a clock's start and the day on which the target ends (D5, D13). #}
{% macro join_business_days(target, clock) -%}
    {%- set schedule = "case when " ~ target ~ ".target_unit = 'business_days' then " ~ clock ~ ".schedule_number end" -%}
    left join {{ ref('int_schedule_day_positions') }} as first_day
        on
            {{ schedule }} = first_day.schedule_number
            and {{ whole_days(clock ~ '.started_position') }} = first_day.position_bucket
            and {{ clock }}.started_position >= first_day.open_seconds_before
            and {{ clock }}.started_position < first_day.open_seconds_before + first_day.open_seconds
    left join {{ ref('int_schedule_days_numbered') }} as last_day
        on
            {{ schedule }} = last_day.schedule_number
            and first_day.day_number + cast({{ target }}.target_value as bigint) - 1 = last_day.day_number
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
