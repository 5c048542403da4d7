{{ stage_mastodon_statuses('notifications', 'status.') }}
