"""What the dialogue does, one action a file: plain rasa_sdk, pure functions of the tracker.

An action reads the message and the draft from the tracker, talks through the dispatcher, and
returns slots. What has to be written to the database it returns in the slot ``effects``; the
turn carries it out in its one transaction.
"""
