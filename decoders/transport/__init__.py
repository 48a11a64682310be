"""The transport layer: frames in, packets out; retransmissions, fragments and forwarding (wire-format 3)."""
