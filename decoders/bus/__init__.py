"""Bus decoders: from logic samples to the bytes on the wires."""
