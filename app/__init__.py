"""The programs people use: command line and window, and what they ask of a capture."""
