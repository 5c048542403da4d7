-- No names: people are measured one by one only where the agreement says so (P4). Present staff only; somebody in several groups
-- of a helpdesk without main groups is in none, nor is anybody where all may work in every queue.
{{ team_member_union() }}
