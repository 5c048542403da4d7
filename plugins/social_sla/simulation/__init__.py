"""A draft agreement over the past: what would have come of it, before anyone signs."""
