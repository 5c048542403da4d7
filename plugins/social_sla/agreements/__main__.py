"""`python -m social_sla.agreements [folder]`: checks a configuration folder and says everything that is wrong."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from social_sla.agreements import ConfigError, config_tables, load_config
from social_sla.settings import Settings


def main(arguments: Sequence[str]) -> int:
    """Exit status: 0 the configuration can be used, 1 it cannot."""
    folder = arguments[0] if arguments else Settings.from_env().config_dir
    try:
        config = load_config(folder)
        config_tables(config, as_of=datetime.now(UTC))  # whether every schedule reaches far enough ahead
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    counts = f"{len(config.channels)} channels, {len(config.schedules)} schedules, {len(config.agreements)} versions"
    sys.stdout.write(f"{folder} is in order: {counts} of agreements.\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
