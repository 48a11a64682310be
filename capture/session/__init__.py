"""The session file (.umi): what was recorded, as it was delivered, in one SQLite file."""
