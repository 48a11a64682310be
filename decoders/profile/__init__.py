"""The wire profile: layouts as data, compiled to a column extractor, a field tree and an encoder."""
