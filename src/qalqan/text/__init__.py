"""Pure text work: folding, masking, showing, the catalogue of sentences."""
