{{ posts_of_customers('mastodon') }}
