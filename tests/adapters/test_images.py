"""Uploaded pictures: known by content, decoded within limits, written anew."""

import io
import struct
import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image, ImageFile

from closient_gql.adapters.images import BROKEN, MOST_PIXELS, MOST_SIDE, TOO_LARGE, read_picture, thumbnail

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"


def encoded(image: Image.Image, format: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def decoded(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int) -> bytes:
    """A small file that says it is of this size."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(999))) + chunk(b"IEND", b"")


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "GIF"])
@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK"])
def test_every_kind_is_read(format: str, mode: str) -> None:
    if (format, mode) in (("JPEG", "P"), ("JPEG", "RGBA"), ("PNG", "CMYK"), ("GIF", "CMYK")):
        return  # there are none
    data = encoded(Image.new(mode, (30, 20)), format)
    found = read_picture(data)
    assert found.content_type == {"GIF": "image/png"}.get(format, f"image/{format.lower()}")
    assert (found.width, found.height) == decoded(found.data).size == (30, 20)
    small = thumbnail(found, 15)
    assert (small.width, small.height) == decoded(small.data).size == (15, 10)
    assert small.content_type == found.content_type


def test_colours_and_transparency_stay() -> None:
    image = Image.new("RGBA", (2, 1), (255, 0, 0, 255))
    image.putpixel((1, 0), (0, 0, 255, 0))
    found = decoded(read_picture(encoded(image)).data)
    assert (found.mode, found.getpixel((0, 0)), found.getpixel((1, 0))) == ("RGBA", (255, 0, 0, 255), (0, 0, 255, 0))
    grey = Image.new("I;16", (2, 1))
    grey.putpixel((0, 0), 65535)
    grey.putpixel((1, 0), 32768)
    shown = decoded(read_picture(encoded(grey)).data)
    assert [shown.getpixel((x, 0)) for x in (0, 1)] == [255, 128]


def test_it_is_turned_upright_and_tells_nothing_of_its_maker() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[1] = "N"  # GPS
    found = read_picture(encoded(Image.new("RGB", (30, 20)), "JPEG", exif=exif, comment=b"SecretComment"))
    assert (found.width, found.height) == (20, 30)
    assert b"Secret" not in found.data
    assert b"Exif" not in found.data
    assert not decoded(found.data).getexif()


def test_what_is_appended_does_not_stay() -> None:
    found = read_picture(encoded(Image.new("RGB", (3, 3))) + b"<script>alert(1)</script>PK\x03\x04")
    assert b"script" not in found.data
    assert b"PK" not in found.data


def test_of_an_animation_the_first_frame() -> None:
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue")]
    found = read_picture(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    image = decoded(found.data)
    assert (image.format, getattr(image, "n_frames", 1), image.getpixel((0, 0))) == ("PNG", 1, (255, 0, 0))


@pytest.mark.parametrize(
    "data",
    [b"", HTML, SVG, b"BM" + bytes(100), b"%PDF-1.7", bytes(1000),
     encoded(Image.new("RGB", (3, 3)), "TIFF"), encoded(Image.new("RGB", (3, 3)), "BMP")],
    ids=["empty", "html", "svg", "bmp", "pdf", "zeros", "tiff", "real bmp"],
)  # fmt: skip
def test_other_types_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"^Pictures must be PNG, JPEG, WebP or GIF\.$"):
        read_picture(data)


@pytest.mark.parametrize("size", [(1, 2**31 - 1), (MOST_SIDE + 1, 1), (60_000, 60_000), (9_000, 9_000), (6_400, 6_400)])
def test_bombs_are_refused_before_they_are_decoded(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError) as refused:
        read_picture(png(*size))
    assert str(refused.value) == TOO_LARGE
    assert size[0] * size[1] > MOST_PIXELS or max(size) > MOST_SIDE


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "GIF"])
def test_truncated_pictures_are_refused(format: str) -> None:
    data = encoded(Image.effect_noise((200, 200), 80).convert("RGB"), format)
    with pytest.raises(ValueError) as refused:
        read_picture(data[: len(data) // 2])
    assert str(refused.value) == BROKEN


@pytest.mark.parametrize("beginning", [b"GIF89a", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF1234WEBP"])
def test_pages_in_disguise_are_refused(beginning: bytes) -> None:
    with pytest.raises(ValueError) as refused:
        read_picture(beginning + HTML)
    assert str(refused.value) == BROKEN


@pytest.mark.parametrize(
    ("size", "reduced"), [((60, 30), (20, 10)), ((20, 20), (20, 20)), ((5, 4), (5, 4)), ((100, 1), (20, 1))]
)
def test_pictures_are_reduced_to_what_is_wanted(size: tuple[int, int], reduced: tuple[int, int]) -> None:
    for format in ("PNG", "JPEG", "WEBP"):
        found = read_picture(encoded(Image.new("RGB", size), format), 20)
        assert (found.width, found.height) == decoded(found.data).size == reduced


def test_few_are_decoded_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small file can be a lot of pixels: many uploads at once must not be the end of the process."""
    running, most, lock = 0, 0, threading.Lock()
    load = ImageFile.ImageFile.load

    def counted(self: ImageFile.ImageFile) -> object:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        try:
            time.sleep(0.01)
            return load(self)
        finally:
            with lock:
                running -= 1

    data = encoded(Image.new("RGB", (3, 3)), "JPEG")
    monkeypatch.setattr(ImageFile.ImageFile, "load", counted)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(read_picture, [data] * 12))
    assert most == 2


def test_a_thumbnail_is_never_larger_than_the_picture() -> None:
    small = thumbnail(read_picture(encoded(Image.new("RGB", (10, 5)))), 256)
    assert (small.width, small.height) == (10, 5)
