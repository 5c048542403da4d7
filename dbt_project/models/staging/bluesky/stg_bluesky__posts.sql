{{ stage_bluesky_posts('posts', 'post.') }}
