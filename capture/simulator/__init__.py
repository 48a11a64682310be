"""The virtual meter: a host and its peripherals on simulated lines, and the capture of them."""
