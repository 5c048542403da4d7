-- M14 as identities: staffed and unstaffed are the work, the work lies in promised time, and promised time in the month.
select
    agreement_id,
    channel_id,
    period
from {{ ref('support_availability_monthly') }}
where
    unstaffed_seconds < 0
    or staffed_seconds < 0
    or staffed_seconds + unstaffed_seconds <> work_seconds
    or work_seconds > promised_seconds
    or promised_seconds > 31 * 86400 + 3600
    or (availability_rate is null) <> (work_seconds = 0)
