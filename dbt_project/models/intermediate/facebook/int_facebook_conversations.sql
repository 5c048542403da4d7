{{ social_conversations('facebook') }}
