"""The operators' console: a snapshot of everything, then changes by sequence number; the map page; the zones page."""
