"""Detectors that read calls."""
