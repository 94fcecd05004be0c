"""How `workers.clean.dates` reads a date."""
