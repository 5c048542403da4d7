{{ stage_x_tweets('conversations') }}
