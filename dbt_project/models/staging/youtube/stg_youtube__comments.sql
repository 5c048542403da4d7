{{ stage_youtube_comments('threads', 'snippet.topLevelComment.') }}
