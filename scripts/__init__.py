"""What the project's makers run: set-up, and the recording that ships with the program."""
