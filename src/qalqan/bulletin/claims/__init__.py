"""Claims: sentences of a bulletin that figures bear out, or don't (REQ-79 to 87)."""
