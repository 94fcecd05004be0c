"""One module for each command or family of commands; `supervisor.cli` imports the one that is asked for."""
