{{ private_messages('instagram') }}
