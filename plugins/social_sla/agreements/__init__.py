"""Agreements, channels and business calendars: from YAML to the tables of schema `config`."""

from social_sla.agreements.config import Config, EffectiveAgreement, EffectiveGoal
from social_sla.agreements.errors import ConfigError, Problem
from social_sla.agreements.loader import load_config
from social_sla.agreements.tables import config_tables, write_config

__all__ = [
    "Config",
    "ConfigError",
    "EffectiveAgreement",
    "EffectiveGoal",
    "Problem",
    "config_tables",
    "load_config",
    "write_config",
]
