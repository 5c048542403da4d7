{{ social_conversations('bluesky') }}
