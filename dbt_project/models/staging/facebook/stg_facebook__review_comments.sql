{{ stage_facebook_comments('review_comments', 'review_id') }}
