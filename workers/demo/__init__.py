"""A job board of our own making, and guests that behave badly on it: what `supervisor demo` runs against."""
