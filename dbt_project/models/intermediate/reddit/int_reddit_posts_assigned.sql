{{ posts_of_customers('reddit') }}
