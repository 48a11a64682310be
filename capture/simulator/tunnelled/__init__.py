"""Protocols that tunnels carry, as their own standards lay them out."""
