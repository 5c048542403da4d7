{{ stage_bluesky_posts('search') }}
