"""A message becomes a turn: inbox, order per person, one transaction, outbox."""
