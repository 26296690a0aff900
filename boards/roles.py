"""Which roles are there? Pure."""

from core.labels import Labelled


class Role(Labelled):
    """What a person is in an area. A person may hold several, in several areas."""

    AGENCY_LEAD = "agency-lead", "Agency lead"
    AGENCY_APPROVER = "agency-approver", "Agency approver"
    # Told when the agency's return is overdue.
    AGENCY_CONTACT = "agency-contact", "Agency second contact"
    BOARD_MEMBER = "board-member", "Board member"
    BOARD_CHAIR = "board-chair", "Board chair"
    STRATEGIC = "strategic", "Strategic group member"
    COORDINATOR = "coordinator", "Coordinator"
    ANALYST = "analyst", "Analyst"
    INFORMATION = "information", "Information officer"
    # Held across areas: every superuser has it, and no membership may name it.
    OPERATOR = "operator", "Operator"


# The code of the board that the strategic group is.
STRATEGIC_GROUP = "strategic"

AGENCY_ROLES = frozenset({Role.AGENCY_LEAD, Role.AGENCY_APPROVER, Role.AGENCY_CONTACT})
BOARD_ROLES = frozenset({Role.BOARD_MEMBER, Role.BOARD_CHAIR})
# Who answers what was escalated to a board, in the place of its members.
CHAIR_ROLES = frozenset({Role.BOARD_CHAIR})
AREA_ROLES = frozenset({Role.STRATEGIC, Role.COORDINATOR, Role.ANALYST, Role.INFORMATION})

# Who reads a month before it is published, and every board's page.
DRAFT_READERS = AREA_ROLES | {Role.OPERATOR}

# Who finds packs, returns and the public's pages in the menu; their pages are open to the same.
PACK_READERS = DRAFT_READERS | BOARD_ROLES
RETURNERS = AGENCY_ROLES | CHAIR_ROLES | {Role.STRATEGIC, Role.COORDINATOR}
# Who reads with whom the returns of a month are, whichever agency’s: the coordinator does more with them.
RETURN_FOLLOWERS = CHAIR_ROLES | {Role.STRATEGIC, Role.AGENCY_APPROVER}
PUBLISHERS = frozenset({Role.COORDINATOR, Role.INFORMATION})
