"""A guest that raises while it is imported."""

raise RecursionError
