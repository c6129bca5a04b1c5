"""Hutong (护童): the front door through which a child without care reaches somebody who can act."""

__version__ = "0.1.0"
