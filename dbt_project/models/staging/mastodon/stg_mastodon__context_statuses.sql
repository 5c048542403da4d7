{{ stage_mastodon_statuses('contexts') }}
