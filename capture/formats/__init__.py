"""File formats: one reader each, and a writer where useful."""
