"""Has a series reached a new level, and since when? (docs/judgement.md, R8)"""

from indicators.judgement.sums import BASE, LEAST, Sums

YEAR, LEAST_OF_YEAR, HALF_YEAR = 12, 9, 6  # months, figures, months
SHORTEST, LONGEST = 3, 24  # months since which a level may be looked for
TENTH = 10  # a difference of less than a tenth changes nothing that a board would name


def find_new_level(sums: Sums, start: int, month: int, *, limit: float) -> int | None:
    """Return the first month of a new level, from the months before `month`; None where the level from `start` still
    applies. `limit` is how many widths a year must be off."""
    year = month - YEAR
    figures = sums.figures
    if year - start < LEAST or figures[month] - figures[year] < LEAST_OF_YEAR:
        return None
    behind = sums.behind(start, year)
    if behind is None:
        return None
    counts, exposure, width = behind
    counted, exposed = sums.counts[month] - sums.counts[year], sums.exposure[month] - sums.exposure[year]
    due, off = sums.scale.off(counted, exposed, counts, exposure)
    if abs(off) < limit * width or abs(counted - due) < sums.scale.rarer(due, exposed) / TENTH:
        return None
    since = _likeliest_split(sums, start, month, up=off > 0)
    if since is None or month - since < YEAR or figures[month] - figures[since] < LEAST:
        return None
    half = month - HALF_YEAR
    between = (sums.mean(base_of_split(start, since), since) + sums.mean(since, month)) / 2
    lately = sums.counts[month] - sums.counts[half] - (sums.exposure[month] - sums.exposure[half]) * between
    return since if lately * off > 0 else None


def base_of_split(start: int, since: int) -> int:
    """Return the first month to compare a level from `since` with."""
    return max(start, since - BASE)


def _likeliest_split(sums: Sums, start: int, month: int, *, up: bool) -> int | None:
    """Return where the months before `month` differ most from earlier ones, on the year's side."""
    most, found = -1.0, None
    for length in range(SHORTEST, LONGEST + 1):
        split = month - length
        end = min(split, month - YEAR)
        base = max(start, end - BASE)
        if end < start or sums.figures[end] - sums.figures[base] < LEAST:
            break
        counted = sums.counts[month] - sums.counts[split]
        _, off = sums.off(counted, sums.exposure[month] - sums.exposure[split], base, split)
        if (off if up else -off) > most:
            most, found = (off if up else -off), split
    return found
