{# Money in whole numbers of a currency's smallest unit, which has `minor_unit` decimals: exact, never a binary fraction (C4). #}
{% macro money_units(amount, minor_unit) -%}
    {{ amount }} * cast(case {{ minor_unit }} when 0 then 1 when 2 then 100 when 3 then 1000 end as decimal(5, 0))
{%- endmacro %}

{# A whole number of smallest units as an amount. #}
{% macro money_of_units(units, minor_unit) -%}
    cast({{ units }} * cast(case {{ minor_unit }} when 0 then 1 when 2 then 0.01 when 3 then 0.001 end as decimal(4, 3)) as decimal(18, 3))
{%- endmacro %}

{# An amount (decimal, 0 or more) rounded down to the smallest unit. #}
{% macro money_rounded_down(amount, minor_unit) -%}
    {{ money_of_units('floor(' ~ money_units(amount, minor_unit) ~ ')', minor_unit) }}
{%- endmacro %}

{# An amount (decimal, 0 or more) rounded to the smallest unit by the agreement's rule: half_up, half_even or down (C4). #}
{% macro rounded_money(amount, minor_unit, rounding) -%}
    {%- set units = money_units(amount, minor_unit) -%}
    {%- set rounded -%}
    case
        when {{ rounding }} = 'down' then floor({{ units }})
        -- Exactly half a unit over an even number goes down to it.
        when {{ rounding }} = 'half_even' and {{ units }} * 2 % 4 = 1 then floor({{ units }})
        else floor({{ units }} + 0.5)
    end
    {%- endset -%}
    {{ money_of_units(rounded, minor_unit) }}
{%- endmacro %}

{# The columns of a credit's calculation that a review signs and that a signed month keeps (D11): name and type. #}
{% macro signed_credit_columns() -%}
    {{ return({
        'credited_decided_count': 'bigint', 'credited_elsewhere_count': 'bigint', 'band': 'varchar', 'credit_rate': 'decimal(9, 6)',
        'fee_amount': 'decimal(18, 3)', 'base_credit_amount': 'decimal(38, 9)', 'multiplier': 'decimal(6, 3)',
        'multiplied_credit_amount': 'decimal(38, 12)', 'goal_cap_amount': 'decimal(18, 3)', 'goal_credit_amount': 'decimal(18, 3)',
        'period_cap_amount': 'decimal(18, 3)', 'credit_amount': 'decimal(18, 3)', 'cap_applied': 'varchar', 'why': 'varchar'
    }) }}
{%- endmacro %}
