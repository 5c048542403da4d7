{# The place of a reason in the order of D16: of several, the first one applies. #}
{% macro exclusion_rank(reason) -%}
    case {{ reason }}
        {%- for name in [
            'spam', 'test', 'tolerance', 'deleted', 'force_majeure', 'agreed_closure', 'caused_by_customer', 'merged'
        ] %}
        when '{{ name }}' then {{ loop.index }}
        {%- endfor %}
    end
{%- endmacro %}
