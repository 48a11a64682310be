"""Which channel is which line: from names, from options, proposed, edited and checked."""
