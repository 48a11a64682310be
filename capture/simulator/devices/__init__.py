"""The kinds of devices that can be plugged into a port."""
