"""What loan applications show by themselves."""
