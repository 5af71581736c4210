"""What can be learnt from facts: causal features, graph patterns, and models with their cards."""
