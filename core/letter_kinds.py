"""The kinds of e-mails that we send. Everybody can switch off each `LetterKind`, except those in ALWAYS. Pure."""

from core.labels import Labelled


class LetterKind(Labelled):
    """A kind of e-mail, with its text on the page where people switch it off."""

    RETURNS = "returns", "Returns that are due, overdue or sent back"
    RELEASES = "releases", "Returns waiting for my release"
    CORRECTIONS = "corrections", "Corrections that someone asks for"
    CHALLENGES = "challenges", "Challenges waiting for me"
    ACTIONS = "actions", "My actions and milestones"
    SUPPORT = "support", "Offers of support"
    MEETINGS = "meetings", "Meetings that I am invited to"
    MONTHS = "months", "Months that are published"
    PACKS = "packs", "Packs that are issued"
    CONSENTS = "consents", "Approvals and permissions waiting for me"
    RECORD = "record", "The weekly check code for the audit log, and records due to be deleted"
    KEYS = "keys", "Keys for machines that I or my agency have"
    ROLES = "roles", "Who becomes or stops being a coordinator or an information officer"


# Nobody takes a strong role or makes a key unseen, and a head that nobody keeps proves nothing. So nobody can switch
# these off.
ALWAYS = frozenset({LetterKind.RECORD, LetterKind.KEYS, LetterKind.ROLES})
OPTIONAL = [kind for kind in LetterKind if kind not in ALWAYS]


class AccountLetterKind(Labelled):
    """A kind of e-mail about somebody's own account, which nobody can switch off."""

    RESET = "reset", "Link to a new password"
    NOT_SET = "not-set", "Asked for a new password before setting the first"
    DEVICE = "device", "Signed in with a new browser"
    PASSWORD = "password", "Password changed"
    FACTOR = "factor", "Second factor changed"
    ADDRESS = "address", "Email address changed"
    OPERATOR = "operator", "Someone became an operator"
    PROVIDER = "provider", "Single sign-on linked or unlinked"


class OutboxKind(Labelled):
    """What else leaves by the outbox."""

    DAY = "day", "The email of a day, about everything due"
    ALARM = "alarm", "Something doesn't work, or works again"
