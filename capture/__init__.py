"""Where recordings come from: live sources and file formats."""
