"""What becomes of a picture that somebody sends: every file here is made by the test."""

import random
import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from actions import pictures
from actions.pictures import LARGEST_KEPT, LARGEST_SMALL, PictureRefused, guess_content_type, read_picture

RED, GREEN, BLUE, WHITE = (200, 30, 30), (30, 160, 60), (30, 60, 200), (255, 255, 255)
GPS, MAKE, DESCRIPTION = 0x8825, 0x010F, 0x010E
SECRET = "51.5401N 0.7077E"


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def quarters(width: int = 120, height: int = 80, mode: str = "RGB") -> Image.Image:
    """Red and green above, blue and white below."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(GREEN, (width // 2, 0, width, height // 2))
    image.paste(BLUE, (0, height // 2, width // 2, height))
    image.paste(WHITE, (width // 2, height // 2, width, height))
    return image.convert(mode)


def noise(width: int, height: int, mode: str = "RGB") -> Image.Image:
    bands = len(Image.new(mode, (1, 1)).getbands())
    return Image.frombytes(mode, (width, height), random.Random(1).randbytes(width * height * bands))


def opened(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content))
    image.load()
    return image


def corners(content: bytes) -> list[str]:
    """The colours of its quarters: top left and right, bottom left and right."""
    image = opened(content).convert("RGB")
    names = {RED: "red", GREEN: "green", BLUE: "blue", WHITE: "white"}

    def nearest(x: float, y: float) -> str:
        seen: Any = image.getpixel((int(image.width * x), int(image.height * y)))
        return names[min(names, key=lambda colour: sum(abs(a - b) for a, b in zip(colour, seen, strict=True)))]

    return [nearest(x, y) for y in (0.25, 0.75) for x in (0.25, 0.75)]


UPRIGHT = ["red", "green", "blue", "white"]


# --- What is taken


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        *((kind, mode) for kind in ("PNG", "GIF") for mode in ("RGB", "P", "L", "1")),
        *((kind, mode) for kind in ("JPEG", "WEBP") for mode in ("RGB", "L")),
    ],
)
def test_takes_four_kinds(kind, mode):
    picture = read_picture(saved(quarters(mode=mode), kind))

    assert (picture.width, picture.height) == (120, 80)
    assert guess_content_type(picture.content) == guess_content_type(picture.small) == "image/jpeg"
    assert opened(picture.content).size == (120, 80)
    if mode in ("RGB", "P"):
        assert corners(picture.content) == corners(picture.small) == UPRIGHT


def test_takes_a_cmyk_jpeg():
    picture = read_picture(saved(quarters(mode="CMYK"), "JPEG", quality=95))

    assert opened(picture.content).mode == "RGB"
    assert corners(picture.content) == UPRIGHT


def test_takes_16_bits_of_grey():
    ramp = Image.frombytes("I;16", (64, 4), b"".join(struct.pack("<H", x * 1024) for x in range(64)) * 4)
    picture = opened(read_picture(saved(ramp, "PNG")).content)

    assert picture.mode == "L"
    greys: list[Any] = [picture.getpixel((x, 2)) for x in (0, 16, 32, 48)]
    assert [round(grey / 255, 1) for grey in greys] == [0.0, 0.3, 0.5, 0.8]


@pytest.mark.parametrize("depth", [8, 16])
def test_a_transparent_picture_stays_transparent(depth):
    image = quarters(mode="RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    data = saved(image, "PNG") if depth == 8 else png(4, 4, depth=16, kind=6, row=struct.pack(">4H", 9, 9, 9, 99) * 4)
    picture = read_picture(data)

    assert guess_content_type(picture.content) == guess_content_type(picture.small) == "image/png"
    assert opened(picture.content).mode == "RGBA"


@pytest.mark.parametrize("options", [{"transparency": 0}, {"transparency": b"\x00\x80\xff"}])
def test_a_palette_with_transparency_stays_transparent(options):
    assert opened(read_picture(saved(quarters().quantize(4), "PNG", **options)).content).mode == "RGBA"


def test_transparency_that_nothing_uses_is_dropped():
    assert guess_content_type(read_picture(saved(quarters(mode="RGBA"), "PNG")).content) == "image/jpeg"


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_a_moving_picture_the_first_frame_is_kept(kind):
    others = [Image.new("RGB", (120, 80), colour) for colour in (WHITE, BLUE)]
    options = {"lossless": True} if kind == "WEBP" else {}
    picture = read_picture(saved(quarters(), kind, save_all=True, append_images=others, **options))

    assert corners(picture.content) == UPRIGHT
    assert getattr(opened(picture.content), "n_frames", 1) == 1


# --- What of it is kept


@pytest.mark.parametrize("orientation", range(1, 9))
def test_is_turned_as_the_camera_was_held(orientation):
    turns = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,  # held turned to the right, so it lies turned to the left
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    turn, exif = turns[orientation], Image.Exif()
    exif[0x0112] = orientation
    lying = quarters() if turn is None else quarters().transpose(turn)
    picture = read_picture(saved(lying, "JPEG", quality=95, exif=exif))

    assert (picture.width, picture.height) == opened(picture.content).size == (120, 80)
    assert corners(picture.content) == corners(picture.small) == UPRIGHT
    assert opened(picture.content).getexif().get(0x0112) is None


def with_everything(kind: str) -> bytes:
    """A picture whose file says where it was taken, in every place that it has for words."""
    exif = Image.Exif()
    exif[MAKE], exif[DESCRIPTION] = "Camera of J.", SECRET
    exif.get_ifd(GPS).update({1: "N", 2: (51.0, 32.0, 24.0), 3: "E", 4: (0.0, 42.0, 27.0)})
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    options: dict[str, Any] = {"exif": exif, "icc_profile": profile, "dpi": (72, 72)}
    if kind == "PNG":
        texts = PngImagePlugin.PngInfo()
        texts.add_text("Comment", SECRET)
        texts.add_itxt("XML:com.adobe.xmp", f"<x:xmpmeta>{SECRET}</x:xmpmeta>")
        texts.add_text("Author", SECRET, zip=True)
        options["pnginfo"] = texts
    else:
        options |= {"comment": SECRET.encode(), "xmp": f"<x:xmpmeta>{SECRET}</x:xmpmeta>".encode()}
    return saved(quarters(mode="RGBA" if kind == "PNG" else "RGB"), kind, **options)


MARKS = (b"Exif", b"eXIf", b"iCCP", b"ICC_PROFILE", b"tEXt", b"zTXt", b"iTXt", b"xmpmeta", SECRET.encode())


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG", "transparent PNG"])
def test_nothing_that_the_file_says_beside_it_is_kept(kind):
    data = with_everything(kind.removeprefix("transparent "))
    if kind == "transparent PNG":
        image = opened(data)
        exif, profile = image.getexif(), image.info["icc_profile"]
        image.putalpha(100)
        data = saved(image, "PNG", exif=exif, icc_profile=profile)
    assert opened(data).getexif().get_ifd(GPS)
    picture = read_picture(data)

    for content in (picture.content, picture.small):
        assert guess_content_type(content) == ("image/png" if kind == "transparent PNG" else "image/jpeg")
        assert not opened(content).getexif()
        assert set(opened(content).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert [mark for mark in MARKS if mark in content] == []


def test_what_stands_after_its_end_is_dropped():
    for kind in ("JPEG", "PNG", "GIF"):
        picture = read_picture(saved(quarters(), kind) + b"<script>alert(1)</script>PK\x03\x04")
        assert b"script" not in picture.content


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_colours_become_those_that_the_profile_means(mode):
    """By this profile, what the file calls red is blue."""
    usual = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = usual.replace(b"rXYZ", b"xXYZ").replace(b"bXYZ", b"rXYZ").replace(b"xXYZ", b"bXYZ")
    image = quarters(mode=mode)

    assert corners(read_picture(saved(image, "PNG", icc_profile=usual)).content) == UPRIGHT
    assert corners(read_picture(saved(image, "PNG", icc_profile=swapped)).content) == ["blue", "green", "red", "white"]


@pytest.mark.parametrize("space", ["LAB", ""])
def test_a_profile_that_makes_no_sense_is_passed_over(space):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile(space)).tobytes() if space else b"no profile at all"

    assert read_picture(saved(quarters(), "PNG", icc_profile=profile)) == read_picture(saved(quarters(), "PNG"))


def test_a_large_one_becomes_smaller():
    picture = read_picture(saved(quarters(4000, 3000), "JPEG"))

    assert (picture.width, picture.height) == (1600, 1200)
    assert opened(picture.small).size == (400, 300)
    assert corners(picture.content) == UPRIGHT


@pytest.mark.parametrize("size", [(5000, 3), (3, 5000), (1, 1)])
def test_a_thin_one_is_still_a_picture(size):
    picture = read_picture(saved(Image.new("RGB", size, RED), "PNG"))

    assert 1 <= min(picture.width, picture.height) <= max(picture.width, picture.height) <= 1600


@pytest.mark.parametrize(
    ("image", "kind"),
    [(noise(1700, 1700), "JPEG"), (noise(900, 900), "PNG"), (noise(900, 900, "RGBA"), "PNG")],
    ids=["jpeg", "png", "transparent"],
)
def test_what_is_kept_is_small(image, kind):
    picture = read_picture(saved(image, kind))

    assert len(picture.content) <= LARGEST_KEPT
    assert len(picture.small) <= LARGEST_SMALL
    assert opened(picture.content).size == (picture.width, picture.height)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_the_same_file_gives_the_same_bytes(kind):
    data = saved(noise(300, 200), kind)

    assert read_picture(data) == read_picture(data)


# --- What is refused


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, *, depth: int = 8, kind: int = 2, row: bytes = b"") -> bytes:
    """A PNG by hand: its head may promise more pixels than there are."""
    head = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    body = zlib.compress((b"\x00" + row) * height) if row else zlib.compress(b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
NO_PICTURES = {
    "svg": SVG,
    "html": b"<!doctype html><script>alert(1)</script>",
    "script": b"alert(1)",
    "pdf": b"%PDF-1.7 ...",
    "bmp": saved(quarters(), "BMP"),
    "tiff": saved(quarters(), "TIFF"),
    "icon": saved(quarters(32, 32), "ICO"),
    "a picture further on": b"\x00" + saved(quarters(), "PNG"),
    "zeros": bytes(1000),
    "a sound": b"RIFF\x00\x00\x00\x00WAVE",
}


@pytest.mark.parametrize("data", NO_PICTURES.values(), ids=NO_PICTURES)
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(PictureRefused, match=r"isn’t a JPEG, PNG, WebP or GIF picture\. "):
        read_picture(data)


def test_an_empty_file_is_refused():
    with pytest.raises(PictureRefused, match="is empty"):
        read_picture(b"")


BROKEN = {
    "half a jpeg": saved(noise(200, 200), "JPEG")[:9000],
    "half a png": saved(noise(200, 200), "PNG")[:9000],
    "half a webp": saved(noise(200, 200), "WEBP")[:9000],
    "half a gif": saved(noise(200, 200), "GIF")[:5000],
    "a head alone": png(40, 40),
    "its first bytes": b"\xff\xd8\xff\xe0",
    "a gif that is a script": b"GIF89a=1;alert(document.cookie)//",
    "a jpeg that is a page": b"\xff\xd8\xff<html><script>alert(1)</script>",
    "a webp of nothing": b"RIFF\x10\x00\x00\x00WEBPVP8 " + bytes(20),
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_a_broken_one_is_refused(data):
    with pytest.raises(PictureRefused, match="damaged or incomplete"):
        read_picture(data)


def test_a_gif_that_is_a_script_too_is_drawn_anew():
    """GIF89a/*…*/=1;alert(1): valid as both. What is kept is only the picture."""
    gif = bytearray(saved(quarters(), "GIF"))
    both = bytes(gif[:-1]) + b"!\xfe\x1d*/=1;alert(document.cookie)//\x00;"
    picture = read_picture(both)

    assert picture.content.startswith(b"\xff\xd8\xff")
    assert b"alert" not in picture.content
    assert corners(picture.content) == UPRIGHT


@pytest.mark.parametrize(
    "size", [(10_000, 10_000), (40_001, 1_000), (2**31 - 1, 2**31 - 1), (8_000, 8_000), (5_001, 4_000)]
)
def test_too_many_pixels_are_refused_before_any_is_read(size, monkeypatch):
    def read(*_: Any) -> None:
        raise AssertionError("It was decoded.")

    monkeypatch.setattr(pictures, "draw", read)
    with pytest.raises(PictureRefused, match="more than 20 million pixels"):
        read_picture(png(*size))


def test_a_gif_may_promise_too_much_as_well():
    gif = bytearray(saved(quarters(), "GIF"))
    gif[6:10] = struct.pack("<HH", 60_000, 60_000)

    with pytest.raises(PictureRefused, match="more than 20 million pixels"):
        read_picture(bytes(gif))


def test_a_text_that_unpacks_to_a_gigabyte_is_refused():
    packed = zlib.compress(bytes(200_000_000), 9)
    bomb = png(4, 4, row=bytes(12))
    at = bomb.index(b"IDAT") - 4
    with pytest.raises(PictureRefused):
        read_picture(bomb[:at] + chunk(b"zTXt", b"Comment\x00\x00" + packed) + bomb[at:])


def test_a_large_file_is_refused():
    with pytest.raises(PictureRefused, match="larger than 10 MB"):
        read_picture(saved(quarters(), "JPEG") + bytes(10 * 1024 * 1024))


SAMPLES = [saved(noise(40, 30, mode), kind) for mode, kind in (("RGB", "JPEG"), ("RGBA", "PNG"), ("RGB", "GIF"))]
SAMPLES += [saved(noise(40, 30), "WEBP"), with_everything("JPEG"), with_everything("PNG")]


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow tells of a head that it can't make sense of
@given(st.sampled_from(SAMPLES), st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 255)), max_size=8), st.data())
def test_any_file_is_a_picture_or_refused(sample, changes, data):
    file = bytearray(sample)
    for place, byte in changes:
        file[place % len(file)] = byte
    file = file[: data.draw(st.integers(1, len(file)))]
    try:
        picture = read_picture(bytes(file))
    except PictureRefused:
        return
    assert opened(picture.content).size == (picture.width, picture.height)
