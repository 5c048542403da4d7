{{ stage_x_tweets('mentions') }}
