{{ stage_facebook_comments('comments', 'post_id') }}
