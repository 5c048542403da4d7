"""The warehouse: load, build, publish."""
