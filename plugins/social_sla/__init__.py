"""Social SLA: service level agreements on social media and in support, measured."""
