"""Qalqan: the software of a national anti-internet-fraud centre."""
