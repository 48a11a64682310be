"""What the payloads of the six services mean beyond their layout."""
