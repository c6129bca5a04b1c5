"""The case itself: facts, triage, routing, store. Imports neither Rasa nor Telegram nor the web."""
