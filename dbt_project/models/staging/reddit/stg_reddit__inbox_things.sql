{{ stage_reddit_things('inbox') }}
