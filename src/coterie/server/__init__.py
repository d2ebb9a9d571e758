"""What answers over HTTP: the collector."""
