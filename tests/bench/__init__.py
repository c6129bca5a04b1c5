"""Side by side with stock Rasa on the same machine, data and questions: ``make bench``."""
