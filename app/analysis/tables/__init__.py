"""A decoded recording as tables of columns: in memory for the command line, in files that the window maps."""
