"""What does a reader hear whose address names what isn't there?"""


class NotHeld(LookupError):
    """What was asked for isn't there. Its text is a sentence for the user."""


class NoSuchVersion(NotHeld):
    """The month is there, and hasn't got that version, or not for this reader."""
