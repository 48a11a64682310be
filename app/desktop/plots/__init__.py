"""What is drawn over time."""
