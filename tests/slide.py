"""The slide of Anytown in October 2026, for packs that are made by hand."""

from indicators.trend import Polarity

# Section, code, question, title, figure, previous, polarity, owner. Figures that the slide keeps
# from general view are made up.
ANYTOWN = (
    ("Lines", "lines", "How many lines are coming into the town? Where are they coming from? Is this increasing or "
     "decreasing?", "Lines", 21, 17, Polarity.LOWER, "Police"),
    ("Lines", "line-groups", "How many groups run them?", "Groups", 7, 6, Polarity.LOWER, "Police"),
    ("Arrests", "drug-arrests", "How many drug arrests in the past month? (young people and adults)", "Drug arrests",
     12, 9, Polarity.NEUTRAL, "Police"),
    ("Arrests", "appropriate-adult", "Appropriate adult interviews", "Appropriate adult interviews", 4, 6,
     Polarity.NEUTRAL, "Youth justice"),
    ("Youth", "juveniles", "How many juveniles have been identified?", "Children identified", 13, 12,
     Polarity.NEUTRAL, "Council, children"),
    ("Youth", "pwits", "How many PWITS?", "PWITS arrests", 4, 3, Polarity.NEUTRAL, "Police"),
    ("Youth", "juveniles-inside", "How many from inside the town?", "Children from inside the town", 3, 4,
     Polarity.NEUTRAL, "Council, children"),
    ("Youth", "juveniles-outside", "How many from other places?", "Children from other places", 3, 4,
     Polarity.NEUTRAL, "Council, children"),
    ("Youth", "assessments", "How many safeguarding assessments (S17 and S47) have identified drug, CSE or gang "
     "activity?", "Safeguarding assessments", 6, 8, Polarity.NEUTRAL, "Council, children"),
    ("Youth", "nrm-referrals", "How many referrals to the NRM?", "NRM referrals", 5, 7, Polarity.NEUTRAL,
     "Council, children"),
    ("Youth", "missing-education", "How many miss education regularly or consistently (persistent or severe absence)?",
     "Persistent or severe absence", 9, 11, Polarity.LOWER, "Education"),
    ("Youth", "missing-home", "Missing from home (more than 3 times)", "Missing from home", 6, 8, Polarity.LOWER,
     "Police"),
    ("Adult", "cuckooed", "How many cuckooed houses have been identified?", "Cuckooed houses", 34, 31,
     Polarity.LOWER, "Council, housing"),
    ("Adult", "trafficking-charges", "How many have been charged with trafficking or modern slavery offences?",
     "Trafficking and slavery charges", 4, None, Polarity.NEUTRAL, "Police"),
    ("Adult", "closure-orders", "How many closure orders have been applied for?", "Closure orders applied for", 2,
     None, Polarity.NEUTRAL, "Council, community safety"),
    ("Health", "woundings", "How many knife or gun woundings appear at frontline health services (A&E)?",
     "Knife and gun woundings", 2, None, Polarity.LOWER, "NHS"),
)  # fmt: skip
# Category, lines now and before, groups now and before.
ORIGINS: tuple[tuple[str, int, int, int, int], ...] = (
    ("London", 1, 0, 1, 1),
    ("Birmingham", 10, 9, 3, 2),
    ("Manchester", 4, 3, 1, 1),
    ("Merseyside", 6, 5, 2, 2),
)
DUTIES = (
    "Police operations",
    "Community policing",
    "Civil tools and powers (closure orders etc.)",
    "Probation and the secure estate working with county-wide services to identify, monitor and manage "
    "perpetrators in the borough",
    "Wider regional considerations",
)
