"""The supply of the ports: what is wrong with voltages and currents, and with what was sent while they were."""
