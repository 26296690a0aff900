"""Pictures of the demonstration's highlights: plain posters, drawn here of shapes and a few words."""

from collections.abc import Callable
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from reporting.packs.pdf.printable import FONTS

INK, ACCENT, NIGHT = "#1a2729", "#0b5a5e", "#0e2a33"
SAND, SUN, CORAL, LEAF, SNOW, SKY = "#f2e6cf", "#ffd54a", "#d9593d", "#2f7d5b", "#ffffff", "#bcd9d6"
UPRIGHT, LYING = (1100, 1540), (1600, 1060)

type Draw = ImageDraw.ImageDraw


def poster(name: str) -> bytes:
    """Return one of POSTERS as a JPEG, with the same bytes each time."""
    size, colour, draw = POSTERS[name]
    image = Image.new("RGB", size, colour)
    draw(ImageDraw.Draw(image))
    file = BytesIO()
    image.save(file, "JPEG", quality=92)
    return file.getvalue()


def write(draw: Draw, at: tuple[int, int], words: str, size: int, colour: str, *, middle: bool = False) -> None:
    """Draw lines of text, from the left or centred."""
    font = ImageFont.truetype(FONTS / "SourceSans3-Semibold.otf", size)
    anchor, align = ("ma", "center") if middle else ("la", "left")
    draw.multiline_text(at, words, fill=colour, font=font, spacing=size // 8, anchor=anchor, align=align)


def child(draw: Draw) -> None:
    """A phone with somebody's insisting messages."""
    write(draw, (90, 80), "Who’s controlling\nyour child?", 122, SNOW)
    draw.rounded_rectangle((300, 470, 800, 1230), 60, INK)
    draw.rounded_rectangle((330, 520, 770, 1180), 20, SAND)
    for top, words in ((570, "Where are you?"), (700, "Answer me."), (830, "You owe me."), (960, "Come now.")):
        draw.rounded_rectangle((360, top, 690, top + 95), 30, SNOW)
        write(draw, (385, top + 22), words, 42, INK)
    draw.rounded_rectangle((600, 1085, 740, 1155), 30, SKY)
    write(draw, (650, 1090), "…", 48, INK)
    write(draw, (550, 1290), "See the signs.\nIn an emergency 999, otherwise 101.", 58, SUN, middle=True)


def parcel(draw: Draw) -> None:
    """A Christmas tree, and under it a parcel that isn't yours."""
    for place in range(60):  # snow
        # Scattered by arithmetic instead of by chance, so the bytes are the same each time.
        x, y = place * 397 % 1600, place * 211 % 760
        draw.ellipse((x, y, x + 9, y + 9), SNOW)
    draw.rectangle((0, 860, 1600, 1060), SKY)
    for top, half in ((150, 150), (300, 210), (470, 270)):
        draw.polygon(((1180, top), (1180 - half, top + 250), (1180 + half, top + 250)), LEAF)
    draw.rectangle((1145, 720, 1215, 880), INK)
    for x, y in ((1150, 320), (1215, 470), (1105, 510), (1180, 640), (1330, 690), (1030, 690)):
        draw.ellipse((x, y, x + 34, y + 34), SUN)
    draw.rectangle((700, 700, 940, 880), CORAL)
    draw.rectangle((800, 700, 840, 880), SAND)
    draw.rectangle((700, 770, 940, 810), SAND)
    write(draw, (90, 90), "#MerryMuletide", 120, SUN)
    write(draw, (90, 270), "Not yours?\nDon’t carry it.", 96, SNOW)
    write(draw, (90, 940), "Crimestoppers 0800 555 111", 60, ACCENT)


def houses(draw: Draw) -> None:
    """A row of houses, and a light at one door."""
    draw.rectangle((0, 820, 1600, 1060), ACCENT)
    for place, height in enumerate((330, 390, 350, 410, 340)):
        left, top = 60 + place * 300, 820 - height
        is_theirs = place == 3
        draw.rectangle((left, top, left + 250, 820), SNOW if is_theirs else SAND)
        draw.polygon(((left - 25, top), (left + 275, top), (left + 125, top - 130)), CORAL if is_theirs else INK)
        draw.rectangle((left + 150, 660, left + 215, 820), SUN if is_theirs else ACCENT)
        for x in (left + 35, left + 150):
            draw.rectangle((x, top + 60, x + 65, top + 140), SUN if is_theirs else SKY)
    write(draw, (800, 50), "Your home is yours", 120, INK, middle=True)
    write(draw, (800, 880), "Housing, police, adult social care: one name to call", 62, SNOW, middle=True)


# Size, background, and the function that draws on it.
POSTERS: dict[str, tuple[tuple[int, int], str, Callable[[Draw], None]]] = {
    "child": (UPRIGHT, ACCENT, child),
    "parcel": (LYING, NIGHT, parcel),
    "houses": (LYING, SKY, houses),
}
