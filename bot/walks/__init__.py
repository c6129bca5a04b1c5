"""The five walks: one questionnaire held as data, and the draft that a walk fills."""
