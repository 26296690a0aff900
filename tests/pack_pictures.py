"""Pictures for packs, drawn by hand as the charts of a month are: with presentation attributes only."""

from collections.abc import Iterable
from typing import Any

from reporting.presenters.pack.shapes import Picture

LETTERS = 'font-family="Source Sans 3, DejaVu Sans, sans-serif"'


def spark(values: Iterable[int], title: str = "Lines") -> Picture:
    shown = list(values)
    points = [(3 + place * 94 / (len(shown) - 1), 25 - 22 * value / max(shown)) for place, value in enumerate(shown)]
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 28">'
        f'<path d="{path}" fill="none" stroke="#4a595c" stroke-width="1.2"/>'
        f'<circle cx="{points[-1][0]:.1f}" cy="{points[-1][1]:.1f}" r="2" fill="#0b5a5e"/></svg>'
    )
    alt = f"{title}. Last {len(shown)} months: lowest {min(shown)}, highest {max(shown)}."
    return Picture(svg=svg, width=100, height=28, alt=alt)


def chart(title: str, words: str = "Oct", *, months: int = 36, seed: int = 3, **changes: Any) -> Picture:
    """A line over months, with limits, ticks and letters, as large as the charts of the months are."""
    step = 720 // months
    heights = [200 - 20 * ((place * seed + place // 5) % 8) for place in range(months)]
    line = "M" + "L".join(f"{step * place + step // 2} {height}" for place, height in enumerate(heights))
    ticks = "".join(
        f'<text x="{step * place + step // 2}" y="258" text-anchor="middle">{words}</text>'
        for place in range(0, months, 3)
    )
    rules = "".join(
        f'<path d="M0 {y}H720" stroke="#cdd7d8"/><text x="-8" y="{y + 4}" text-anchor="end">{(240 - y) // 10}</text>'
        for y in (40, 90, 140, 190, 240)
    )
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-40 0 772 280">'
        f'<g {LETTERS} font-size="13" fill="#4a595c">{rules}<path d="M0 60H720V180H0z" fill="#e4eded"/>'
        f'<path d="{line}" fill="none" stroke="#1a2729" stroke-width="2"/>'
        f'<path transform="translate({step * 7} 100)" d="M-6-6H6V6H-6z" fill="#8a3a00"/>{ticks}</g></svg>'
    )
    defaults: dict[str, Any] = {
        "alt": f"{title}, {months} months to October 2026: from 4 to 20, and 12 in October 2026. One month lies above "
        "the usual range of 6 to 18.",
        "title": title,
        "notes": (
            "The shaded band is the usual range of 6 to 18; the line in its middle the average of 12.",
            "From March 2026 by a new definition: a line counts once in each month.",
        ),
    }
    return Picture(svg=svg, width=772, height=280, **defaults | changes)


def map_of_lines() -> Picture:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 352 400"><rect width="352" height="400" fill="#f4f7f7"/>'
        '<path d="M120 40L220 60L250 200L280 330L150 370L110 250z" fill="#e6eeee" stroke="#7c8c8e"/>'
        '<path d="M140 80Q200 180 220 300" fill="none" stroke="#0b5a5e" stroke-width="5"/>'
        f'<g {LETTERS} font-size="13" fill="#1a2729" stroke="#ffffff" stroke-width="3" paint-order="stroke">'
        '<text x="100" y="70"><tspan x="100" y="70"><tspan font-weight="600">10</tspan> Birmingham ↑</tspan></text>'
        '<text x="226" y="304">Anytown</text></g></svg>'
    )
    alt = "A map of Great Britain: 10 lines come from Birmingham, 6 from Merseyside, 4 from Manchester, 1 from London."
    return Picture(
        svg=svg, width=352, height=400, alt=alt, title="Where lines come from", notes=("The wider, the more.",)
    )
