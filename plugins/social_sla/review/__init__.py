"""The monthly review: freeze a period's figures, explain any clock, write the pack that people decide on."""
