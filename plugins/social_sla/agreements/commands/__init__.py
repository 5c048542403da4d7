"""`social_sla agreements …`: looking at agreements before and after they are signed."""
