"""What does somebody see when their address names something that doesn't exist?"""


class NotHeld(LookupError):
    """What somebody asked for doesn't exist. Its text is a sentence for the user."""


class NoSuchVersion(NotHeld):
    """The month exists, but not in that version, or not for this reader."""
