"""jobctl: ask any service that runs remote jobs how a job is doing, the same way."""

__version__ = "0.1.0"
