"""How well language understanding does: nothing here is part of the model."""
