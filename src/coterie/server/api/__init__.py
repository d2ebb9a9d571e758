"""The API: what can be asked of a project over HTTP."""
