{{ stage_reddit_things('submissions') }}
