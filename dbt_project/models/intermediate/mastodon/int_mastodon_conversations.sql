{{ social_conversations('mastodon') }}
