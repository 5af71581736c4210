"""Detectors about SIM cards: who registered them, who sold them, in which devices they are used."""
