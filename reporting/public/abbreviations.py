"""Abbreviations spelt out, for readers who don't work with them. Pure."""

import re

SPELT_OUT = {
    "A&E": "accident and emergency",
    "CSE": "child sexual exploitation",
    "CSP": "Community Safety Partnership",
    "HWBB": "Health and Wellbeing Board",
    "ISTV": "Information Sharing to Tackle Violence",
    "KPI": "key performance indicator",
    "KPIs": "key performance indicators",
    "LSCB": "Local Safeguarding Children Board",
    "NHS": "National Health Service",
    "NRM": "National Referral Mechanism",
    "PACE": "Police and Criminal Evidence Act",
    "PWITS": "possession with intent to supply",
    "RAG": "red, amber or green",
    "S17": "section 17",
    "S47": "section 47",
    "SAB": "Safeguarding Adults Board",
    "XmR": "single values and moving ranges",
}
# Match whole words only: a hyphen means a reference, such as ANYTOWN-2026-10-CSP-1.
ABBREVIATION = re.compile(rf"(?<![\w-])({'|'.join(sorted(map(re.escape, SPELT_OUT), key=len, reverse=True))})(?![\w-])")
END_OF_SENTENCE = re.compile(r"(^|[.!?]\s+)[“‘(]?$")


def spell_out(text: str, seen: set[str]) -> str:
    """Return the text with each abbreviation spelt out that isn't in `seen` yet, and add it to `seen`."""
    text = put_words_first(text)

    def spelt(match: re.Match[str]) -> str:
        short = match[1]
        if short in seen:
            return short
        seen.add(short)
        words, before, after = SPELT_OUT[short], text[: match.start()], text[match.end() :]
        if before.lower().endswith(f"{words.lower()} ("):
            return short
        if END_OF_SENTENCE.search(before):
            words = words[:1].upper() + words[1:]
        is_aside = before.endswith("(") and after.startswith(")")
        return f"{words}, {short}" if is_aside else f"{words} ({short})"

    return ABBREVIATION.sub(spelt, text)


def put_words_first(text: str) -> str:
    """Turn "ISTV (Information Sharing to Tackle Violence)" round, as every other abbreviation is spelt out."""
    for short, words in SPELT_OUT.items():
        text = text.replace(f"{short} ({words})", f"{words} ({short})")
    return text
