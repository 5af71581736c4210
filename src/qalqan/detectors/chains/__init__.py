"""What facts of several kinds show together."""
