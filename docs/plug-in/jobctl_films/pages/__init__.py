"""Provider files, which jobctl finds without importing anything."""
