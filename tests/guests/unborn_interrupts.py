"""A guest that is interrupted while it is imported."""

raise KeyboardInterrupt
