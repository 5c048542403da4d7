{{ stage_facebook_posts('posts') }}
