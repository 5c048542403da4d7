-- What people decided, also on flags that later data no longer raise: a decision stays.
select
    {{ hash_id(['flag_id', 'decided_at']) }} as decision_id,
    flag_id,
    agreement_id,
    goal_id,
    decision,
    decided_by,
    decided_at,
    reason,
    cast(actions as json) as actions,
    release_id
from {{ ref('stg_review__decisions') }}
