{# The way in of a ticket, of Freshdesk's numbers. A number that Freshdesk adds stays a number. #}
{% macro freshdesk_way_in(source) -%}
    case {{ source }}
        when '1' then 'email'
        when '2' then 'portal'
        when '3' then 'phone'
        when '5' then 'twitter'
        when '6' then 'facebook'
        when '7' then 'chat'
        when '9' then 'feedback_widget'
        when '10' then 'outbound_email'
        when '13' then 'whatsapp'
        else {{ source }}
    end
{%- endmacro %}

{# Freshdesk's numbers of priorities as words. #}
{% macro freshdesk_priority(number) -%}
    case {{ number }} when '1' then 'low' when '2' then 'medium' when '3' then 'high' when '4' then 'urgent' end
{%- endmacro %}
