"""Crowds made ready for distances."""
