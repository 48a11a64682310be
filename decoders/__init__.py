"""Decoders turn samples into bytes, frames, packets and findings; bytes and time come in as arguments, records go out."""
