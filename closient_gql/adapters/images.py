"""Pictures that people upload: known by their content, decoded within limits, written anew.

Nothing of the uploaded bytes is kept: what is stored was encoded here, so that no metadata (EXIF, GPS), no appended
archive or script and no malformed chunk reaches another reader. It is CPU work: call it by `asyncio.to_thread`.
"""

import io
import threading
from contextlib import suppress
from dataclasses import dataclass

from PIL import Image, ImageCms, ImageOps

MOST_PIXELS = 40_000_000
MOST_SIDE = 12_000
FORMATS = {"PNG": "PNG", "JPEG": "JPEG", "MPO": "JPEG", "WEBP": "WEBP", "GIF": "PNG"}  # read as: written as
TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
OPTIONS: dict[str, dict[str, object]] = {
    "PNG": {"optimize": False},
    "JPEG": {"quality": 90, "progressive": True},
    "WEBP": {"quality": 90},
}
SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")
ALLOWED = "Pictures must be PNG, JPEG, WebP or GIF."
TOO_LARGE = f"The picture is too large: at most {MOST_PIXELS:,} pixels, and {MOST_SIDE:,} on a side."
TURNS = threading.BoundedSemaphore(2)
"""A picture of 150 kB can come to half a gigabyte of pixels: so few are decoded at a time, the others wait."""
BROKEN = "The picture is damaged: it cannot be read to its end. Save it again and send the new file."


@dataclass(frozen=True)
class Picture:
    """A picture that was encoded here; sizes in pixels."""

    data: bytes
    content_type: str
    width: int
    height: int


def read_picture(data: bytes, most_side: int = MOST_SIDE) -> Picture:
    """The uploaded picture, encoded anew: upright, in sRGB, without metadata. Of animations the first frame, as PNG.

    Larger ones are reduced to `most_side` pixels, before they are encoded for their one time.

    Raises:
        ValueError: it is no PNG, JPEG, WebP or GIF (whatever its name says), has too many pixels, or is damaged.
    """
    try:
        image = Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP", "GIF"))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ValueError(TOO_LARGE) from None
    except Exception:  # decoders of hostile bytes raise whatever they like
        raise ValueError(BROKEN if data.startswith(SIGNATURES) or data[8:12] == b"WEBP" else ALLOWED) from None
    with image:
        format = FORMATS[image.format or ""]
        width, height = image.size  # from the header: nothing is decoded yet
        if max(width, height) > MOST_SIDE or width * height > MOST_PIXELS:
            raise ValueError(TOO_LARGE)
        try:
            with TURNS:
                image.load()
                return written(reduced(upright(image), most_side), format)
        except Exception:
            raise ValueError(BROKEN) from None


def thumbnail(picture: Picture, size: int = 256) -> Picture:
    """The same picture, no wider and no higher than `size`; never enlarged."""
    with Image.open(io.BytesIO(picture.data)) as image:
        image.load()
        small = image.copy()
    return written(reduced(small, size), FORMATS[image.format or ""])


def reduced(image: Image.Image, most_side: int) -> Image.Image:
    """No wider and no higher than this; never enlarged."""
    if max(image.size) > most_side:
        image.thumbnail((most_side, most_side))
    return image


def upright(image: Image.Image) -> Image.Image:
    """Turned as its EXIF says, in sRGB or grey: what a reader sees who knows nothing of its metadata."""
    profile = image.info.get("icc_profile")
    turned: Image.Image = image
    with suppress(Exception):  # malformed EXIF says nothing
        ImageOps.exif_transpose(image, in_place=True)
    if profile and turned.mode in ("RGB", "RGBA", "CMYK", "L"):
        with suppress(ImageCms.PyCMSError, OSError):  # malformed profiles say nothing either
            mode = "RGBA" if turned.mode == "RGBA" else "RGB"
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            found = ImageCms.profileToProfile(turned, own, ImageCms.createProfile("sRGB"), outputMode=mode)
            turned = found or turned
    if turned.mode.startswith("I"):  # 16 bits of grey
        turned = turned.point(lambda value: value / 256).convert("L")
    mode = "RGBA" if turned.has_transparency_data else "L" if turned.mode == "L" else "RGB"
    return turned if turned.mode == mode else turned.convert(mode)


def written(image: Image.Image, format: str) -> Picture:
    if format == "JPEG" and image.mode == "RGBA":
        image = image.convert("RGB")
    clean = Image.new(image.mode, image.size)  # without `info`: what is not copied cannot be written
    clean.paste(image)
    buffer = io.BytesIO()
    clean.save(buffer, format, **OPTIONS[format])
    return Picture(buffer.getvalue(), TYPES[format], *clean.size)
