{{ posts_of_customers('instagram') }}
