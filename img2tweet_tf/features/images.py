"""An image file of any kind -> RGB pixels of one size."""

import os

import numpy as np
from PIL import Image

from img2tweet_tf.utils.errors import Img2TweetError

MAX_PIXELS = 100_000_000
RESIZING = "whole picture stretched to a square, bilinear, version 1"  # part of every cache key

_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def read_image(path, size):
    """Reads an image file as uint8 RGB pixels (size, size, 3).

    The whole picture counts: it is stretched to a square, never cropped (bilinear, with anti-aliasing). It is turned
    upright as its EXIF says; transparent parts show white; palette, grey, CMYK and 16-bit pictures become 8-bit RGB;
    of an animation the first frame is taken.

    Args:
        path: the file; anything that Pillow opens (JPEG, PNG, WebP, GIF, TIFF, ...).
        size: pixels a side.

    Raises:
        Img2TweetError: the file is missing, cut short, no image, or has more than `MAX_PIXELS` pixels.
    """
    try:
        with Image.open(path) as image:
            if image.width * image.height > MAX_PIXELS:
                raise ValueError(f"{image.width} x {image.height} pixels; at most {MAX_PIXELS // 10**6} million")
            image.draft(None, (2 * size, 2 * size))  # decodes a large JPEG at 1/2, 1/4 or 1/8, not below twice `size`
            image.load()
            upright = _UPRIGHT.get(_orientation(image))
            image = _rgb(image).resize((size, size), Image.Resampling.BILINEAR)
            return np.array(image if upright is None else image.transpose(upright))
    except Exception as error:  # Pillow's readers raise errors of many kinds on broken files
        raise Img2TweetError(f"{os.fspath(path)}: cannot be read as an image ({_reason(error)})") from None


def _orientation(image):
    try:
        return image.getexif().get(_ORIENTATION, 1)
    except Exception:  # a broken EXIF block says nothing about the pixels
        return 1


def _rgb(image):
    """Turns a loaded image of any mode into mode RGB."""
    if image.mode.startswith("I") or image.mode == "F":
        return Image.fromarray(_eight_bits(np.asarray(image), image.mode)).convert("RGB")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return image.convert("RGB")


def _eight_bits(values, mode):
    """Maps grey values (height, width) to 0..255: 16-bit ones by their range, floating-point ones by what occurs."""
    if mode == "F":
        low, high = np.nanmin(values), np.nanmax(values)
        return np.nan_to_num((values - low) / max(high - low, 1e-9) * 255).astype(np.uint8)
    return np.clip(values / 257, 0, 255).round().astype(np.uint8)


def _reason(error):
    if isinstance(error, FileNotFoundError):
        return "no such file"
    if isinstance(error, Image.UnidentifiedImageError):
        return "no image format that is known here"
    return " ".join(str(error).split()) or type(error).__name__
