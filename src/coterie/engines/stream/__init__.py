"""The language by the event: each fact moves its profile's state, and time moves it alone."""
