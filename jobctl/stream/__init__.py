"""Looking at jobs until there is no more to see, and what the end means for the exit code."""
