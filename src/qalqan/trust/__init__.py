"""Keys, tokens, signatures, encryption: thin over `cryptography`, `PyJWT`, `argon2`."""
