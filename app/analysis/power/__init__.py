"""What the supply rails of the ports gave: charge and energy of any span, and what is wrong with the supply."""
