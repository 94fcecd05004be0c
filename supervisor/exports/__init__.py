"""Jobs as files: what is read, how each format writes it, and how a file comes to be whole or not there."""
