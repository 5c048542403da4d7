select * from ({{ clock_turns(ref('int_clock_timeline')) }}) as turns
