"""Bulletins as documents: composed of figures once, spoken in three languages, written as HTML,
PDF, DOCX and plain text."""
