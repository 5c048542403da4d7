{{ posts_of_customers('facebook') }}
