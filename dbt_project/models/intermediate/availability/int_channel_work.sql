-- When there was work on a channel (M14): the stretches in which at least one customer waited.
with

run as (

    select {{ epoch_seconds('as_of') }} as as_of_epoch from {{ ref('stg_config__load') }}

),

-- The end of time closes each channel's last stretch.
waits as (

    select
        waits.channel_id,
        waits.from_epoch,
        least(waits.to_epoch, run.as_of_epoch) as to_epoch
    from {{ ref('int_customer_waits') }} as waits
    cross join run
    where waits.from_epoch < run.as_of_epoch
    union all
    select
        channel_id,
        {{ forever() }} as from_epoch,
        {{ forever() }} as to_epoch
    from {{ ref('stg_config__channels') }}

),

covered as (

    select
        channel_id,
        from_epoch,
        max(to_epoch) over (
            partition by channel_id
            order by from_epoch
            rows between unbounded preceding and 1 preceding
        ) as waited_until_epoch
    from waits

),

-- A wait that begins when nobody waits any more begins a stretch; the stretch before it ended where the waits before it did.
begun as (

    select
        channel_id,
        from_epoch,
        lead(waited_until_epoch) over (partition by channel_id order by from_epoch) as to_epoch
    from covered
    where waited_until_epoch is null or waited_until_epoch < from_epoch

)

select * from begun
where from_epoch < {{ forever() }}
