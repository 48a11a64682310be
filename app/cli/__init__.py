"""The command line `umiscope`, one module a command."""
