"""What the smaller panes show: findings, transactions, devices, and one record in detail."""
