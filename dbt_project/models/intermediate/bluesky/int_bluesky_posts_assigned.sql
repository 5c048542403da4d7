{{ posts_of_customers('bluesky') }}
