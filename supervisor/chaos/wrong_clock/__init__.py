"""A folder to be put on the path of an interpreter whose clock is to be wrong."""
