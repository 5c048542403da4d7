{{ stage_facebook_posts('tagged') }}
