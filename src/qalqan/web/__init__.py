"""HTTP: the partner API and the console."""
