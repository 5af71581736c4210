"""The partner API and the officers' API, version 1."""
