"""The owners of the screens' state: one process a shard, fed by register and lake."""
