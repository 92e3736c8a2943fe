"""An image of any kind, from a file or from memory -> RGB pixels of one size."""

import contextlib
import io
import os
import warnings
from pathlib import Path

import numpy as np
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from img2tweet_tf.utils.errors import Img2TweetError

MAX_PIXELS = 89_000_000  # of one image; Pillow suspects a decompression bomb in more
MAX_PIXELS_JPEG = 300_000_000  # a baseline JPEG is decoded at an eighth of its size and never held whole
RESIZING = "whole picture stretched to a square, bilinear, version 1"  # part of every cache key

_IMAGES = (str, os.PathLike, bytes, Image.Image, np.ndarray)
_EXPECTED = "a path, bytes, a PIL image or an array"
_JPEG = b"\xff\xd8\xff"
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


# Pillow warns of broken EXIF blocks and of large pictures; what matters of that, `read_image` says in its own words.
warnings.filterwarnings("ignore", module=r"PIL\.")


def read_image(source, size):
    """Reads an image as uint8 RGB pixels (size, size, 3).

    The whole picture counts: it is stretched to a square, never cropped (bilinear, with anti-aliasing). It is turned
    upright as its EXIF says; transparent parts show white; palette, grey, CMYK and 16-bit pictures become 8-bit RGB;
    of an animation the first frame is taken.

    Args:
        source: a file's path, or its bytes, of anything that Pillow opens (JPEG, PNG, WebP, GIF, TIFF, ...); a PIL
            image; or pixels, a uint8 array (rows, columns, 3).
        size: pixels a side.

    Raises:
        Img2TweetError: it is missing, cut short, no image, or has more than `MAX_PIXELS` pixels (`MAX_PIXELS_JPEG`,
            where it is a JPEG that is not progressive).
    """
    with _loaded(source, size) as image:
        upright = _UPRIGHT.get(_orientation(image))
        image = _rgb(image).resize((size, size), Image.Resampling.BILINEAR)
        return np.array(image if upright is None else image.transpose(upright))


def read_thumbnail(source, longest):
    """Reads an image as a PIL image in RGB, its longer side at most `longest` pixels; else as `read_image` does."""
    with _loaded(source, longest) as image:
        upright = _UPRIGHT.get(_orientation(image))
        image = _rgb(image)
        image.thumbnail((longest, longest))
        return image if upright is None else image.transpose(upright)


def image_format(source):
    """Returns the format of an image ("JPEG", "PNG", ...) after a look at all of it; raises as `read_image` does."""
    with _loaded(source, 16) as image:
        return image.format


def list_images(images):
    """Returns a list of the images in what a user names: one image, a folder (its image files, by name), or a list.

    Raises:
        Img2TweetError: there is none in the folder, or `images` is none of these.
    """
    if isinstance(images, (list, tuple)):
        return [image for each in images for image in (list_images(each) if _is_folder(each) else [each])]
    if _is_folder(images):
        endings = Image.registered_extensions()
        files = sorted(file for file in Path(images).iterdir() if file.suffix.lower() in endings and file.is_file())
        if not files:
            raise Img2TweetError(f"{images}: no image in this folder")
        return [str(file) for file in files]
    if not isinstance(images, _IMAGES):
        raise Img2TweetError(f"expected an image ({_EXPECTED}), a folder or a list of these, got {_kind(images)}")
    return [images]


def image_name(source):
    """Returns what an image is called in messages: its path, or its kind where it comes from memory."""
    return os.fspath(source) if isinstance(source, (str, os.PathLike)) else f"an image in memory ({_kind(source)})"


@contextlib.contextmanager
def _loaded(source, size):
    """Yields a PIL image that was checked and loaded, a large JPEG at not below twice `size`; see `read_image`."""
    try:
        with _opened(source) as image:
            scalable = isinstance(image, JpegImageFile) and not image.info.get("progressive")
            most = MAX_PIXELS_JPEG if scalable else MAX_PIXELS
            if image.width * image.height > most:
                raise ValueError(f"{image.width} x {image.height} pixels; at most {most // 10**6} million")
            image.draft(None, (2 * size, 2 * size))  # decodes a large JPEG at 1/2, 1/4 or 1/8, not below twice `size`
            image.load()
            yield image
    except Exception as error:  # Pillow's readers raise errors of many kinds on broken files
        raise Img2TweetError(f"{image_name(source)}: cannot be read as an image ({_reason(error)})") from None


@contextlib.contextmanager
def _opened(source):
    """Yields a PIL image that hasn't been decoded yet, where it comes from a file or from bytes."""
    if isinstance(source, Image.Image):
        yield source.copy()
    elif isinstance(source, np.ndarray):
        if source.dtype != np.uint8 or source.ndim != 3 or source.shape[2] != 3 or not source.size:
            raise ValueError(f"expected an array (rows, columns, 3) of uint8, got {source.shape} of {source.dtype}")
        yield Image.fromarray(source)
    elif isinstance(source, (str, os.PathLike, bytes)):
        with io.BytesIO(source) if isinstance(source, bytes) else open(source, "rb") as file:
            is_jpeg = file.read(len(_JPEG)) == _JPEG
            file.seek(0)
            yield JpegImageFile(file) if is_jpeg else Image.open(file)  # the latter refuses what may be bombs
    else:
        raise ValueError(f"expected {_EXPECTED}, got {_kind(source)}")


def _is_folder(value):
    return isinstance(value, (str, os.PathLike)) and os.path.isdir(value)


def _kind(value):
    return type(value).__name__


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
        finite = np.isfinite(values)
        values = np.where(finite, values, values[finite].min(initial=0)).astype(np.float64)
        return ((values - values.min()) / max(np.ptp(values), 1e-9) * 255).astype(np.uint8)
    return np.clip(values / 257, 0, 255).round().astype(np.uint8)


def _reason(error):
    if isinstance(error, FileNotFoundError):
        return "no such file"
    if isinstance(error, Image.UnidentifiedImageError):
        return "no image format that is known here"
    if isinstance(error, Image.DecompressionBombError):
        return f"more than {MAX_PIXELS // 10**6} million pixels"
    return " ".join(str(error).split()) or type(error).__name__
