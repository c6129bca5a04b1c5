"""Thin Rasa components over the pure modules of :mod:`nlu`."""
