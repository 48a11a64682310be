"""Qt models over decoded tables."""
