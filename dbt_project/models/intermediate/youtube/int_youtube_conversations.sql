{{ social_conversations('youtube') }}
