"""The workbench: pages on the project's own API, for people who work in a browser."""
