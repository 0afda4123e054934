"""The built-in providers, a folder each: what it is, as data, and in `provider` how it is asked."""
