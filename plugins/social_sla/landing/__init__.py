"""Landing: raw records as the vendors sent them, in Parquet, one committed partition at a time."""

from social_sla.landing.model import (
    LandingError,
    LandingRecord,
    LoadStats,
    Manifest,
    ManifestError,
    PartitionBusyError,
    PartitionKey,
    PartitionMissingError,
    ShrinkError,
)
from social_sla.landing.store import Landing

__all__ = [
    "Landing",
    "LandingError",
    "LandingRecord",
    "LoadStats",
    "Manifest",
    "ManifestError",
    "PartitionBusyError",
    "PartitionKey",
    "PartitionMissingError",
    "ShrinkError",
]
