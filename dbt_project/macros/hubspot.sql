{# The way in of a thread, of HubSpot's numbers of channels. A number that HubSpot adds stays a number. #}
{% macro hubspot_way_in(channel_id) -%}
    case {{ channel_id }}
        when '1000' then 'chat'
        when '1001' then 'facebook'
        when '1002' then 'email'
        when '1003' then 'form'
        when '1007' then 'whatsapp'
        else {{ channel_id }}
    end
{%- endmacro %}

{# The kind of somebody who acts in a thread: the letter before the number (A agent, V visitor, E e-mail, B bot, L AI agent, I app, S system). #}
{% macro hubspot_actor_kind(actor) -%}
    left({{ actor }}, 1)
{%- endmacro %}

{# The number of that actor. #}
{% macro hubspot_actor_number(actor) -%}
    substr({{ actor }}, 3)
{%- endmacro %}
