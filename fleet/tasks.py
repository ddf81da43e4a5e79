"""Index of the app's background tasks."""
