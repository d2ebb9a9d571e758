"""Schedules: what is to happen when, by cron lines in `coterie.toml`, fired by the clock."""
