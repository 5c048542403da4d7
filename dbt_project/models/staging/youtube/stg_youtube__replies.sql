{{ stage_youtube_comments('replies') }}
