"""The built-in providers, a module each; `jobctl.registry` reads this folder."""
