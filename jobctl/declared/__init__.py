"""Providers as pages of data: a YAML file becomes a provider class.

`language` says what a file may hold; `judge` holds one against it and tells every mistake; `build`
makes of it a `spec`, which is what it means; `provider` asks the service and reads its answers by
that. `load` is the door to all of it.
"""
