-- Canonical conversations of every source.
{{ canonical_union('conversations') }}
