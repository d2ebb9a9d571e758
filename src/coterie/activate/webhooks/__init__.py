"""Webhooks: every change of an audience is sent to whoever asked for it."""
