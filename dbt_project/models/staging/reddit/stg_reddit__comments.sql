{{ stage_reddit_things('comments') }}
