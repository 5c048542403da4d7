{{ posts_of_customers('youtube') }}
