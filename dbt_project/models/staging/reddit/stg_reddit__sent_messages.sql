{{ stage_reddit_things('sent') }}
