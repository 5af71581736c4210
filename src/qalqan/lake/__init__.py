"""Facts: schemas, intake, quarantine, sealing, and the engines that read them."""
