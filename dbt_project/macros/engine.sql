{# Everything that only one engine understands. Models call these and stay portable. #}

{# The text at a JSON path such as 'via.channel'; null when it is absent or JSON null. #}
{% macro json_text(column, path) -%}
    json_extract_string({{ column }}, '$.{{ path }}')
{%- endmacro %}

{# The JSON (not text) at a path. #}
{% macro json_value(column, path) -%}
    json_extract({{ column }}, '$.{{ path }}')
{%- endmacro %}

{# A lateral relation of the elements of a JSON array column: columns `element` and `element_number` (from 1). #}
{% macro json_elements(column, alias) -%}
    lateral (
        select
            unnest(from_json({{ column }}, '["json"]')) as element,
            generate_subscripts(from_json({{ column }}, '["json"]'), 1) as element_number
    ) as {{ alias }}
{%- endmacro %}

{# Array of texts at a path; null when it is absent. #}
{% macro json_texts(column, path) -%}
    from_json(json_extract({{ column }}, '$.{{ path }}'), '["varchar"]')
{%- endmacro %}

{# An ISO 8601 text with an offset or Z, as a UTC timestamp floored to whole seconds (D12). #}
{% macro utc_from_iso(text) -%}
    date_trunc('second', cast(cast({{ text }} as timestamptz) as timestamp))
{%- endmacro %}

{# Unix seconds (text or number), as a UTC timestamp. #}
{% macro utc_from_epoch(seconds) -%}
    cast(to_timestamp(cast({{ seconds }} as bigint)) as timestamp)
{%- endmacro %}

{# Whole seconds from one timestamp to another. #}
{% macro seconds_between(start, stop) -%}
    date_diff('second', {{ start }}, {{ stop }})
{%- endmacro %}

{# A timestamp some whole seconds later. #}
{% macro add_seconds(instant, seconds) -%}
    ({{ instant }} + to_seconds({{ seconds }}))
{%- endmacro %}

{# A key of several columns, `of` the relation that has them. #}
{% macro hash_id(parts, of=none) -%}
    md5(concat_ws('|'
        {%- for part in parts %}, coalesce(cast({{ of ~ '.' if of }}{{ part }} as varchar), ''){% endfor -%}
    ))
{%- endmacro %}

{# Whether an array column holds a value. #}
{% macro array_holds(array, value) -%}
    list_contains({{ array }}, {{ value }})
{%- endmacro %}

{# The texts of an array in one text, parted by comma and space; null where there is no array or nothing in it. #}
{% macro joined_texts(array) -%}
    nullif(array_to_string({{ array }}, ', '), '')
{%- endmacro %}

{# The keyed pseudonym of a person (P1); the function is registered by social_sla.warehouse.pseudonym. #}
{% macro pseudonym(expression) -%}
    social_sla_pseudonym({{ expression }})
{%- endmacro %}

{# Interpolated percentile over the non-null values of a group, of those rows that a condition names (M16). #}
{% macro percentile(column, share, condition=none) -%}
    quantile_cont({{ column }}, {{ share }}){{ ' filter (where ' ~ condition ~ ')' if condition }}
{%- endmacro %}

{# Of an array of JSON objects at `path`: the text of `field` in the first whose `key` is `value`. #}
{% macro json_first_where(column, path, key, value, field) -%}
    json_extract_string(
        list_filter(
            from_json(json_extract({{ column }}, '$.{{ path }}'), '["json"]'),
            lambda item: json_extract_string(item, '$.{{ key }}') = '{{ value }}'
        )[1],
        '$.{{ field }}'
    )
{%- endmacro %}

{# Of an array of JSON objects at `path`: the texts of `field`, in lower case where asked (handles are compared so). #}
{% macro json_texts_of(column, path, field, lower_case=false) -%}
    list_transform(
        from_json(json_extract({{ column }}, '$.{{ path }}'), '["json"]'),
        lambda item: {{ 'lower(' if lower_case }}json_extract_string(item, '$.{{ field }}'){{ ')' if lower_case }}
    )
{%- endmacro %}

{# Joins, to each row, the last row of `relation` whose `since` is at or before `at` and whose keys are equal; nulls when there is none.
   equals: list of [left expression, column of the relation]. Elsewhere: a join on the key with row_number() = 1 over `since` descending. #}
{% macro asof_left_join(relation, alias, equals, at, since, strict=false) -%}
    asof left join {{ relation }} as {{ alias }}
        on
            {%- for left, column in equals %}
            {{ left }} = {{ alias }}.{{ column }} and
            {%- endfor %}
            {{ at }} {{ '>' if strict else '>=' }} {{ alias }}.{{ since }}
{%- endmacro %}

{# Seconds since 1970 of a timestamp of whole seconds. #}
{% macro epoch_seconds(instant) -%}
    (epoch_us({{ instant }}) // 1000000)
{%- endmacro %}

{# The timestamp of seconds since 1970. #}
{% macro from_epoch_seconds(seconds) -%}
    make_timestamp(cast({{ seconds }} as bigint) * 1000000)
{%- endmacro %}

{# Whole days (of 86,400 s) in a number of seconds, not negative. #}
{% macro whole_days(seconds) -%}
    (({{ seconds }}) // 86400)
{%- endmacro %}

{# A table of one column `number`: the whole numbers from one expression to another, both included, for a lateral join. #}
{% macro whole_numbers(first, last, alias) -%}
    lateral (select unnest(range({{ first }}, {{ last }} + 1)) as number) as {{ alias }}
{%- endmacro %}

{# A key of 63 bits of a text: what the engine joins and sorts on; a test refuses two texts with one key. #}
{% macro text_key(text) -%}
    cast(hash({{ text }}) >> 1 as bigint)
{%- endmacro %}

{# Every day of the whole years from the first to the last instant of a one-row relation. #}
{% macro date_spine_of_years(relation, first_at, last_at) -%}
    select cast(unnest(generate_series(
        date_trunc('year', {{ first_at }}),
        date_trunc('year', {{ last_at }}) + interval 1 year - interval 1 day,
        interval 1 day
    )) as date) as date_day
    from {{ relation }}
{%- endmacro %}

{# Monday 1 to Sunday 7. #}
{% macro iso_day_of_week(day) -%}
    isodow({{ day }})
{%- endmacro %}

{# A goal's targets as JSON text, by priority in order. #}
{% macro targets_json() -%}
    cast(to_json(map(
        list(priority order by priority),
        list(concat(cast(target_value as varchar), ' ', target_unit) order by priority)
    )) as varchar)
{%- endmacro %}

{# The last date of the month that begins on a date. #}
{% macro last_day_of_month(month) -%}
    last_day({{ month }})
{%- endmacro %}

{# JSON text: the parties (party_id, name) for which a condition holds, in order. #}
{% macro missing_parties_json(condition) -%}
    cast(to_json(coalesce(
        list(struct_pack(party_id := party_id, name := name) order by party_id) filter (where {{ condition }}), []
    )) as varchar)
{%- endmacro %}

{# JSON text: the missed periods of a streak up to each row's own, oldest first. #}
{% macro streak_periods_json(keys) -%}
    cast(to_json(
        list(struct_pack(
            period := cast(period as varchar),
            goal_id := goal_id,
            attainment_rate := cast(round(met_count / nullif(decided_count, 0), 9) as varchar),
            goal_rate := cast(goal_rate as varchar),
            met_count := met_count,
            decided_count := decided_count
        )) filter (where is_missed) over (
            partition by {{ keys | join(', ') }}
            order by period
            rows between unbounded preceding and current row
        )
    ) as varchar)
{%- endmacro %}

{# JSON text: the missed goals of a streak's periods, oldest first, of a grouped relation. #}
{% macro evidence_periods_json(goals) -%}
    cast(to_json(list(struct_pack(
        period := cast({{ goals }}.period as varchar),
        goal_id := {{ goals }}.goal_id,
        attainment_rate := cast(round({{ goals }}.met_count / nullif({{ goals }}.decided_count, 0), 9) as varchar),
        goal_rate := cast({{ goals }}.goal_rate as varchar),
        met_count := {{ goals }}.met_count,
        decided_count := {{ goals }}.decided_count
    ) order by {{ goals }}.period, {{ goals }}.goal_id)) as varchar)
{%- endmacro %}

{# Keeps the planner from writing out a common table expression again at every use: chains of them are planned for seconds. #}
{% macro materialized() -%}
    materialized
{%- endmacro %}

{# A clock's number inside one build, from the numbers that make it: 63 bits, and a test refuses two clocks with one. #}
{% macro clock_key() -%}
    cast(hash({{ varargs | join(', ') }}) >> 1 as bigint)
{%- endmacro %}

{# Of an array of texts: those that begin with a prefix, without it; null stays null. #}
{% macro stripped_of_prefix(array, prefix) -%}
    list_transform(
        list_filter({{ array }}, lambda item: starts_with(item, {{ prefix }})),
        lambda item: substr(item, length({{ prefix }}) + 1)
    )
{%- endmacro %}

{# A lateral relation of those keys of a JSON object that are in a list: one column, `element`. #}
{% macro json_keys_of(object, keys, alias) -%}
    lateral (
        select unnest(list_filter(
            json_keys({{ object }}), lambda item: item in ({% for key in keys %}'{{ key }}'{{ ', ' if not loop.last }}{% endfor %})
        )) as element
    ) as {{ alias }}
{%- endmacro %}

{# The text under a key that a column names. #}
{% macro json_text_under(object, key) -%}
    json_extract_string({{ object }}, '$.' || {{ key }})
{%- endmacro %}

{# One number for a group of rows of a relation, whatever their order. #}
{% macro rows_digest(alias) -%}
    sum(cast(hash({{ alias }}) as hugeint))
{%- endmacro %}

{# Milliseconds since 1970 of an ISO 8601 text with an offset or Z. #}
{% macro epoch_ms_from_iso(text) -%}
    epoch_ms(cast({{ text }} as timestamptz))
{%- endmacro %}

{# The timestamp of milliseconds since 1970, floored to whole seconds (D12). #}
{% macro utc_from_epoch_ms(milliseconds) -%}
    date_trunc('second', make_timestamp(cast({{ milliseconds }} as bigint) * 1000))
{%- endmacro %}

{# What the first pair of brackets of a regular expression finds in a text; null where there is no match. #}
{% macro first_match(text, pattern) -%}
    nullif(regexp_extract({{ text }}, '{{ pattern }}', 1), '')
{%- endmacro %}

{# A lateral relation of all keys of a JSON object: one column, `element`. #}
{% macro json_all_keys(object, alias) -%}
    lateral (select unnest(json_keys({{ object }})) as element) as {{ alias }}
{%- endmacro %}

{# The only element of an array of texts; null where there are none or several. #}
{% macro only_element(array) -%}
    case when len({{ array }}) = 1 then {{ array }}[1] end
{%- endmacro %}

{# The local date of a UTC timestamp in an IANA zone. #}
{% macro local_date(instant, timezone) -%}
    cast({{ instant }} at time zone 'UTC' at time zone {{ timezone }} as date)
{%- endmacro %}

{# The hour of the local week, 0 (Monday from 00:00) to 167, of a UTC timestamp in an IANA zone. #}
{% macro local_hour_of_week(instant, timezone) -%}
    (
        (isodow({{ instant }} at time zone 'UTC' at time zone {{ timezone }}) - 1) * 24
        + hour({{ instant }} at time zone 'UTC' at time zone {{ timezone }})
    )
{%- endmacro %}

{# JSON text: the statements of a channel, one object each, in order. #}
{% macro statements_json() -%}
    cast(to_json(list(struct_pack(
        placement := placement,
        language := language,
        statement_text := statement_text,
        character_count := character_count,
        character_limit := character_limit,
        statement_url := statement_url,
        verified_at := verified_at,
        problem := problem
    ) order by statement_number)) as varchar)
{%- endmacro %}

{# An ISO 8601 text as a UTC timestamp with its fraction of a second; null where it is no time (a person's program wrote it). #}
{% macro exact_utc_from_iso(text) -%}
    cast(try_cast({{ text }} as timestamptz) as timestamp)
{%- endmacro %}

{# Array of the texts at a path that goes through arrays ([*]); empty where there are none. #}
{% macro json_texts_within(column, path) -%}
    json_extract_string({{ column }}, '$.{{ path }}')
{%- endmacro %}

{# What a text in HTML says: without its tags, the usual entities written out. #}
{% macro text_of_html(text) -%}
    replace(replace(replace(regexp_replace({{ text }}, '<[^>]*>', '', 'g'), '&#39;', ''''), '&quot;', '"'), '&amp;', '&')
{%- endmacro %}

{# An aggregate: the values of a group as an array. #}
{% macro values_of(column) -%}
    list({{ column }})
{%- endmacro %}

{# The JSON at a path that an expression gives. #}
{% macro json_value_under(object, path) -%}
    json_extract({{ object }}, '$.' || {{ path }})
{%- endmacro %}

{# Whether a text names a handle that is a host name: @aurora.example, not @aurora.example.org, also at a sentence's end. #}
{% macro writes_handle(text, handle) -%}
    regexp_matches(lower({{ text }}), '@' || regexp_escape({{ handle }}) || '([^a-z0-9.-]|[.]([^a-z0-9]|$)|$)')
{%- endmacro %}

{# The parts of a text between separators, as an array. #}
{% macro text_parts(text, separator) -%}
    string_split({{ text }}, '{{ separator }}')
{%- endmacro %}

{# No array of texts. #}
{% macro no_texts() -%}
    cast(null as varchar[])
{%- endmacro %}

{# No array of whole numbers yet: an empty one. #}
{% macro no_numbers() -%}
    cast([] as bigint[])
{%- endmacro %}

{# An array with one value more at its end. #}
{% macro array_with(array, value) -%}
    list_append({{ array }}, {{ value }})
{%- endmacro %}

{# The smallest number that is in two arrays; null where there is none. #}
{% macro smallest_common(one, other) -%}
    list_min(list_intersect({{ one }}, {{ other }}))
{%- endmacro %}

{# JSON text: the months of a window of credits (T1d), oldest first, of a grouped relation. #}
{% macro credit_periods_json(months) -%}
    cast(to_json(list(struct_pack(
        period := cast({{ months }}.period as varchar),
        credit_amount := cast({{ months }}.credit_amount as varchar),
        fee_amount := cast({{ months }}.fee_amount as varchar),
        currency := {{ months }}.currency
    ) order by {{ months }}.period)) as varchar)
{%- endmacro %}

{# The date some whole days after another, and how many lie between two. #}
{% macro days_later(day, number) -%}
    ({{ day }} + cast({{ number }} as integer))
{%- endmacro %}
{% macro days_between(first, last) -%}
    date_diff('day', {{ first }}, {{ last }})
{%- endmacro %}

{# Seconds since 1970 of the first instant at which the local clock of an IANA zone shows a date's 00:00 or later (D12). Of a
   midnight that comes twice the engine takes the second. #}
{% macro local_midnight_epoch(day, timezone) -%}
    {%- set midnight = 'cast(' ~ day ~ ' as timestamp) at time zone ' ~ timezone -%}
    (
        epoch_us({{ midnight }}) // 1000000
        - case
            when cast(({{ midnight }} - interval 1 hour) at time zone {{ timezone }} as date) = {{ day }} then 3600
            else 0
        end
    )
{%- endmacro %}
