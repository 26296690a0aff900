"""Pictures that somebody sends: we decode and encode them again, and store nothing of the original file.

Pure, except for Pillow. The content decides the type of a file, not its name. We read the number of pixels from its
head before any of them.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO

from PIL import Image, ImageCms

LARGEST_FILE = 10 * 1024 * 1024  # bytes to read at most
# A JPEG is decoded only as far as we need it, all others whole: four bytes a pixel, twice for a moment.
MOST_OF_A_JPEG, MOST_PIXELS = 40_000_000, 20_000_000
LONGEST_SIDE = 1600  # pixels of the stored picture
LARGEST_KEPT = 400_000  # bytes
SMALL_SIDE, LARGEST_SMALL = 400, 40_000  # of the small one
PRINTED_SIDE, LARGEST_PRINTED = 800, 90_000  # of one in a document: 8 cm at 250 dots to the inch

# The first bytes of a file of each kind.
JPEG_START, PNG_START = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
STARTS = {"JPEG": (JPEG_START,), "PNG": (PNG_START,), "GIF": (b"GIF87a", b"GIF89a")}
JPEG, PNG = "image/jpeg", "image/png"
QUALITIES = (85, 75, 65, 55)
# The errors of Pillow for a damaged or forged file.
BROKEN = (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error, IndexError, KeyError, TypeError)
ORIENTATION = 0x0112  # of EXIF
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
TOO_LARGE = f"The file is larger than {LARGEST_FILE // 1024**2} MB. Choose a smaller picture."
TOO_MANY = "The picture has more than {} million pixels. Make it smaller, then send it again."
GREY, COLOUR, CLEAR = "L", "RGB", "RGBA"
# For the whole process. Pillow only warns at this number, so check_size refuses it.
Image.MAX_IMAGE_PIXELS = MOST_OF_A_JPEG


class PictureRefused(ValueError):
    """We can't use this file as a picture. Its text is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A stored picture, and a small one for lists: JPEGs, or PNGs if some of it is transparent."""

    content: bytes
    width: int
    height: int
    small: bytes

    @property
    def sha256(self) -> str:
        return sha256(self.content).hexdigest()


def guess_content_type(content: bytes) -> str:
    """Return the content type of what `read_picture` made."""
    # Never the type that the sender named: a browser would run a page that calls itself a picture.
    return PNG if content.startswith(PNG_START) else JPEG


def read_picture(data: bytes) -> Picture:
    """Encode a picture again: upright, in sRGB, at most 1,600 pixels long, and without the file's metadata.

    The same file gives the same bytes. Raises PictureRefused.
    """
    if not data:
        raise PictureRefused("The file is empty. Choose a picture.")
    if len(data) > LARGEST_FILE:
        raise PictureRefused(TOO_LARGE)
    kind = find_format(data)
    try:
        # Only the decoder that the first bytes name. Pillow has dozens, and few people look for faults in the others.
        with Image.open(BytesIO(data), formats=[kind]) as image:
            check_size(image, most=most_pixels(kind))
            drawn = draw(image)
            content, width, height = encode(drawn, largest=LARGEST_KEPT)
            drawn.thumbnail((SMALL_SIDE, SMALL_SIDE), Image.Resampling.LANCZOS)
            small, _, _ = encode(drawn, largest=LARGEST_SMALL)
            return Picture(content, width, height, small)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureRefused(TOO_MANY.format(most_pixels(kind) // 1_000_000)) from None
    except PictureRefused:
        raise
    except BROKEN:
        raise PictureRefused(
            f"The file starts like a {kind} picture, but it is damaged or incomplete. Save it again, then send it."
        ) from None


def for_print(kept: bytes) -> tuple[bytes, int, int]:
    """Return a stored picture for documents, with its width and height: a JPEG, smaller, on white where it is
    transparent.

    The same picture gives the same bytes.
    """
    with Image.open(BytesIO(kept), formats=["JPEG", "PNG"]) as image:
        image.draft(None, (PRINTED_SIDE, PRINTED_SIDE))
        drawn = plain(image)
        drawn.thumbnail((PRINTED_SIDE, PRINTED_SIDE), Image.Resampling.LANCZOS)
        if drawn.mode == CLEAR:
            paper = Image.new(COLOUR, drawn.size, "white")
            paper.paste(drawn, mask=drawn.getchannel("A"))
            drawn = paper
        # Pillow would write a file's comment and profile from here into the new one.
        drawn.info.clear()
        return encode(drawn, largest=LARGEST_PRINTED)


def find_format(data: bytes) -> str:
    """Raises PictureRefused."""
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WEBP"
    for kind, starts in STARTS.items():
        if data.startswith(starts):
            return kind
    raise PictureRefused("The file isn’t a JPEG, PNG, WebP or GIF picture. Save the picture as one of these.")


def most_pixels(kind: str) -> int:
    return MOST_OF_A_JPEG if kind == "JPEG" else MOST_PIXELS


def check_size(image: Image.Image, *, most: int) -> None:
    """Raises PictureRefused."""
    if image.width * image.height > most:
        raise PictureRefused(TOO_MANY.format(most // 1_000_000))


def draw(image: Image.Image) -> Image.Image:
    """Return only its pixels, in grey, colour or colour with transparency."""
    turn, profile = read_orientation(image), image.info.get("icc_profile")
    image.draft(None, (LONGEST_SIDE, LONGEST_SIDE))  # decode only as much of a large JPEG as we need
    drawn = plain(image)
    drawn.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    drawn = in_srgb(drawn, profile)
    if drawn.mode == CLEAR and drawn.getchannel("A").getextrema() == (255, 255):
        drawn = drawn.convert(COLOUR)
    drawn = drawn.transpose(turn) if turn is not None else drawn.copy()
    drawn.info.clear()
    return drawn


def read_orientation(image: Image.Image) -> Image.Transpose | None:
    """Return how the camera was held. A damaged head counts as upright."""
    try:
        return TURNS.get(image.getexif().get(ORIENTATION, 1))
    except BROKEN:
        return None


def plain(image: Image.Image) -> Image.Image:
    """Return its first frame, decoded, in a mode that can be made smaller."""
    image.load()
    if image.mode.startswith("I"):  # 16 bits of grey: the upper eight
        return image.convert("I").point(lambda value: value * (1 / 256)).convert(GREY)
    if "transparency" in image.info or image.mode in ("LA", "PA"):
        return image.convert(CLEAR)
    if image.mode == "1":
        return image.convert(GREY)
    return image if image.mode in (GREY, COLOUR, CLEAR, "CMYK") else image.convert(COLOUR)


def in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return it in the colours of its profile. Ignore a profile that is damaged or for other colours."""
    colours = image.convert(COLOUR) if image.mode == CLEAR else image
    if profile:
        try:
            meant = ImageCms.ImageCmsProfile(BytesIO(profile))
            usual = ImageCms.createProfile("sRGB")
            colours = ImageCms.profileToProfile(colours, meant, usual, outputMode=COLOUR) or colours
        except (ImageCms.PyCMSError, *BROKEN):
            pass
    if colours.mode not in (GREY, COLOUR):
        colours = colours.convert(COLOUR)
    if image.mode == CLEAR:
        colours.putalpha(image.getchannel("A"))
    return colours


def encode(image: Image.Image, *, largest: int) -> tuple[bytes, int, int]:
    """Return the best file that fits, first at lower quality, then smaller, with its width and height."""
    while True:
        for content in encodings(image):
            if len(content) <= largest:
                return content, image.width, image.height
        # This ends: a picture of a few pixels fits.
        image = image.resize((max(1, image.width * 4 // 5), max(1, image.height * 4 // 5)), Image.Resampling.LANCZOS)


def encodings(image: Image.Image) -> Iterator[bytes]:
    if image.mode == CLEAR:
        yield saved(image, "PNG")
    else:
        yield from (saved(image, "JPEG", quality=quality) for quality in QUALITIES)


def saved(image: Image.Image, kind: str, **options: int) -> bytes:
    file = BytesIO()
    image.save(file, kind, optimize=True, **options)
    return file.getvalue()
