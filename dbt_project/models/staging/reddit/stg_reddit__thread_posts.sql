{{ stage_reddit_things('threads') }}
