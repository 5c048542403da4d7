{{ social_conversations('instagram') }}
