"""The command lines, a module for each command; `jobctl.cli` loads the one that is asked for."""
