{{ stage_bluesky_posts('notifications') }}
