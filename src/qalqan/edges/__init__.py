"""Thin programs that run inside other people's systems."""
