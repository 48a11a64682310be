"""What one asks of a capture, without a window."""
