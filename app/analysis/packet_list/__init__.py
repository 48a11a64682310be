"""The rows of the packet list: their order, text and severity, and how one finds one."""
