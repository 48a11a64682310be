"""How well a wire profile explains a recording, and which other would."""
