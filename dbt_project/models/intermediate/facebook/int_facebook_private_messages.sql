{{ private_messages('facebook') }}
