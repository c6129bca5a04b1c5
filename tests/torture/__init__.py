"""The program, broken on purpose while people write to it, and what came of it."""
