{{ stage_x_tweets('tweets') }}
