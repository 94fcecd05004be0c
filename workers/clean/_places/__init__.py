"""How `workers.clean.places` reads a location."""
