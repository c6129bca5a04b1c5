"""Limits and mixing shares, chosen by cross-validation on the training data (docs/nlu/README.md)."""

from __future__ import annotations

INTENT = 0.5
"""At or above: the intent is taken. Below: the dialogue asks, or offers the two likeliest readings."""

URGENT = 0.1
"""When ``report_emergency`` is this likely, somebody may be in danger: name the numbers, whatever the intent."""

URGENT_LEAN = 0.2
"""When the urgent openers together are this likely, the likelier of them comes first: one missed weighs more than one
heard too many. On held-out data their recall is 0.920 at this limit, 0.914 at 0.25, for 0.4 points of accuracy."""

URGENT_INTENTS = ("report_emergency", "child_seeking_help")

ALONE = "report_elder_alone"
OF_A_CHILD = frozenset(
    {
        "report_own_difficulty", "report_unattended_child", "child_seeking_help", "report_as_professional",
        "preregister_child",
    }
)  # fmt: skip
ALONE_LEAN = 0.2
"""When an old person alone is this likely, no child is named and a report of a child comes first, the old person does: that
sets 13 of the held-out messages right and 1 wrong, 1 and none of those for weighing."""

RANKING_LENGTH = 10
"""How many readings of a message are passed on."""

GRAM_SHARE = 5.0
"""Factor on the n-gram margins before they join the network's scores: with 8, 0.826 of the held-out messages, 0.929 of those
for weighing and 0.808 of those that are asked are right, with 5 0.828, 0.929 and 0.810 (docs/nlu/README.md)."""

TALK = "out_of_scope"
TALK_FACTOR = 2.0
"""Factor on the probability of everyday talk, which comes oftener than the training data shows: with 1, 1.5, 2 and 3, 0.8265,
0.827, 0.8274 and 0.8273 of the held-out messages are right, 0.931, 0.933, 0.933 and 0.934 of those for weighing (one fold)."""

TEMPERATURE = 0.55
"""Factor on the joined scores that makes their probabilities honest."""

TAGGER_SHARE = 0.7
"""Share of the character tagger in the probability of a fact that has no code; the network has the rest."""

NUMBERS_FROM = {"age": 0.25, "child_count": 0.33}
"""Least probability of a number; of other facts the voices are weighed (nlu/extractors/coded.py, lone.py)."""
