"""Statistics and briefings in kk, ru, en; each figure traceable to its query (DESIGN section 2)."""
