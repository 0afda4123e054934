"""What must not be shown, and how it is taken out of whatever is."""
