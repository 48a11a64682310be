"""Where protected bodies are recognised; opening them is work of its own."""
