{{ team_union() }}
