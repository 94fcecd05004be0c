"""How `workers.clean.pay` reads an amount of pay."""
