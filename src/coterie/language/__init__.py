"""The ground: events, the tracking plan, and the trait language."""
