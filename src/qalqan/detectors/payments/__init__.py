"""Detectors that read payments."""
