{{ stage_mastodon_statuses('statuses') }}
