{{ stage_bluesky_posts('threads') }}
