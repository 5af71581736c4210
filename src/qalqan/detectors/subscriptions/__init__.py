"""Detectors that read registrations of telephone numbers."""
