{# Whether an approval holds on a day (T1e): given by then, not revoked and not expired. An approval still holds on the day on which it expires. #}
{% macro approval_is_valid(approval, day) -%}
    (
        {{ approval }}.approved_date <= {{ day }}
        and ({{ approval }}.revoked_date is null or {{ approval }}.revoked_date > {{ day }})
        and ({{ approval }}.expires_date is null or {{ approval }}.expires_date >= {{ day }})
    )
{%- endmacro %}
