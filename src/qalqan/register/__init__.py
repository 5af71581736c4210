"""The register: what people decide. SQLite for one unit, PostgreSQL for a centre."""
