"""Clusters looked for, and measured."""
