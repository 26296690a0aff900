"""Which roles are there? Pure."""

from core.labels import Labelled


class Role(Labelled):
    """A person's role in an area. A person may have several roles, in several areas."""

    AGENCY_LEAD = "agency-lead", "Agency lead"
    AGENCY_APPROVER = "agency-approver", "Agency approver"
    # gets an e-mail when the agency's return is overdue
    AGENCY_CONTACT = "agency-contact", "Agency second contact"
    BOARD_MEMBER = "board-member", "Board member"
    BOARD_CHAIR = "board-chair", "Board chair"
    STRATEGIC = "strategic", "Strategic group member"
    COORDINATOR = "coordinator", "Coordinator"
    ANALYST = "analyst", "Analyst"
    INFORMATION = "information", "Information officer"
    # A role in every area: all superusers have it, and no membership may name it.
    OPERATOR = "operator", "Operator"


# What a role is for, for whoever gives it. Everybody with a role reads the published months.
WHAT_ROLES_DO = {
    Role.AGENCY_LEAD: "enters the agency’s return each month",
    Role.AGENCY_APPROVER: "releases the agency’s return to the coordinator",
    Role.AGENCY_CONTACT: "reads the agency’s return, and gets an e-mail when it is overdue",
    Role.BOARD_MEMBER: "reads the board’s own page and packs",
    Role.BOARD_CHAIR: "reads the board’s own page and packs, follows the returns, and answers escalated challenges",
    Role.STRATEGIC: "reads drafts and every board’s page and packs, and raises challenges",
    Role.COORDINATOR: "accepts returns, publishes months, and looks after the set-up and the people",
    Role.ANALYST: "reads drafts and every board’s page and packs, imports past figures, and writes commentaries",
    Role.INFORMATION: "reads drafts, decides what the public may see, and approves what is made public",
}


class RegionRole(Labelled):
    """A person's role in a region. It isn't a Role: it gives nothing inside an area."""

    DIRECTOR = "director", "Director"
    ANALYST = "analyst", "Regional analyst"


WHAT_REGION_ROLES_DO = {
    RegionRole.DIRECTOR: "reads what the areas agreed to, adds analysts, and agrees to what the region publishes",
    RegionRole.ANALYST: "reads what the areas agreed to, and prepares what the region publishes",
}

# The code of the strategic group's board.
STRATEGIC_GROUP = "strategic"

AGENCY_ROLES = frozenset({Role.AGENCY_LEAD, Role.AGENCY_APPROVER, Role.AGENCY_CONTACT})
BOARD_ROLES = frozenset({Role.BOARD_MEMBER, Role.BOARD_CHAIR})
# The role that answers a challenge escalated to a board, instead of its members.
CHAIR_ROLES = frozenset({Role.BOARD_CHAIR})
AREA_ROLES = frozenset({Role.STRATEGIC, Role.COORDINATOR, Role.ANALYST, Role.INFORMATION})
# The roles that can do the most. An information officer confirms who gets or loses one, and nobody has both in an area.
CONFIRMED_ROLES = frozenset({Role.COORDINATOR, Role.INFORMATION})

# Roles that read a month before it is published, and every board's page.
DRAFT_READERS = AREA_ROLES | {Role.OPERATOR}

# Roles with packs, returns and public pages in their menu. Only they can open those pages.
PACK_READERS = DRAFT_READERS | BOARD_ROLES
RETURNERS = AGENCY_ROLES | CHAIR_ROLES | {Role.STRATEGIC, Role.COORDINATOR}
# Roles that see whose turn each return of a month is, for all agencies. The coordinator can do more with them.
RETURN_FOLLOWERS = CHAIR_ROLES | {Role.STRATEGIC, Role.AGENCY_APPROVER}
# Roles that always need a second factor to sign in. An area can add others.
FACTOR_ROLES = frozenset({Role.COORDINATOR, Role.INFORMATION, Role.OPERATOR})
# Roles that ask for a second factor to be reset, and agree to it.
FACTOR_RESETTERS = frozenset({Role.COORDINATOR, Role.INFORMATION, Role.OPERATOR})
PUBLISHERS = frozenset({Role.COORDINATOR, Role.INFORMATION})
