"""Image files of every kind become the same RGB pixels; broken ones become one-line errors."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from img2tweet_tf.features import images
from img2tweet_tf.features.images import read_image
from img2tweet_tf.utils.errors import Img2TweetError

QUARTERS = {"red": (255, 0, 0), "green": (0, 128, 0), "blue": (0, 0, 255), "white": (255, 255, 255)}


def quarters(mode="RGB"):
    """A picture, 64 x 48, of four colours: red, green above blue, white."""
    image = Image.new("RGB", (64, 48))
    for place, colour in enumerate(QUARTERS):
        image.paste(colour, (place % 2 * 32, place // 2 * 24, place % 2 * 32 + 32, place // 2 * 24 + 24))
    return image.convert(mode)


def corners(pixels):
    """Returns the mean colours of the four corners, int array (4, 3)."""
    cut = len(pixels) // 4
    parts = [pixels[:cut, :cut], pixels[:cut, -cut:], pixels[-cut:, :cut], pixels[-cut:, -cut:]]
    return np.array([part.reshape(-1, 3).mean(0) for part in parts]).round().astype(int)


@pytest.mark.parametrize(
    "name, mode, options",
    [
        ("a.png", "RGB", {}),
        ("a.jpg", "RGB", {"quality": 95}),
        ("a.jpg", "CMYK", {"quality": 95}),
        ("a.webp", "RGB", {"lossless": True}),
        ("a.png", "P", {}),
        ("a.gif", "P", {}),
        ("a.tif", "CMYK", {}),
        ("a.bmp", "RGB", {}),
    ],
)
def test_every_format_shows_the_same_picture(tmp_path, name, mode, options):
    quarters(mode).save(tmp_path / name, **options)
    pixels = read_image(tmp_path / name, 32)
    assert pixels.shape == (32, 32, 3) and pixels.dtype == np.uint8
    assert np.abs(corners(pixels) - list(QUARTERS.values())).max() <= 6


def test_the_whole_picture_is_kept_without_a_crop(tmp_path):
    wide = Image.new("RGB", (300, 60))
    wide.paste("white", (0, 0, 30, 60))
    wide.save(tmp_path / "wide.png")
    row = read_image(tmp_path / "wide.png", 100)[50, :, 0]
    assert row[:9].min() > 200 and row[12:].max() < 50


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_turns_the_picture_upright(tmp_path, orientation):
    undo = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[orientation]  # how a camera held that way stores it
    stored = quarters() if undo is None else quarters().transpose(Image.Transpose(undo))
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(tmp_path / "a.jpg", exif=exif, quality=95)
    assert np.abs(corners(read_image(tmp_path / "a.jpg", 32)) - list(QUARTERS.values())).max() <= 6


@pytest.mark.parametrize("name, mode", [("a.png", "RGBA"), ("a.png", "LA"), ("a.webp", "RGBA")])
def test_transparent_parts_show_white(tmp_path, name, mode):
    image = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 10, 20))
    image.convert(mode).save(tmp_path / name, **({"lossless": True} if name == "a.webp" else {}))
    pixels = read_image(tmp_path / name, 20)
    assert pixels[:, :8].max() < 20 and pixels[:, 12:].min() > 235


def test_a_transparent_colour_of_a_palette_shows_white(tmp_path):
    image = Image.new("P", (20, 20), 1)
    image.putpalette([255, 0, 0, 0, 255, 0])
    image.save(tmp_path / "a.png", transparency=1)
    assert read_image(tmp_path / "a.png", 20).min() == 255


def test_grey_and_sixteen_bit_pictures_keep_their_brightness(tmp_path):
    ramp = np.tile(np.arange(64, dtype=np.uint16) * 4, (64, 1))
    Image.fromarray(ramp.astype(np.uint8)).save(tmp_path / "grey.png")
    Image.fromarray(ramp * 257).save(tmp_path / "deep.png")
    grey, deep = read_image(tmp_path / "grey.png", 64), read_image(tmp_path / "deep.png", 64)
    assert (grey == ramp[..., None]).all() and (deep == grey).all()


def test_of_an_animation_the_first_frame_counts(tmp_path):
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    assert read_image(tmp_path / "a.gif", 16)[8, 8].tolist() == [255, 0, 0]


def test_a_large_jpeg_looks_like_its_full_decoding(tmp_path):
    y, x = np.mgrid[0:1200, 0:1600]
    wave = np.stack([127 + 120 * np.sin(x / (40 + 9 * c) + y / 70) for c in range(3)], -1).astype(np.uint8)
    Image.fromarray(wave).save(tmp_path / "a.jpg", quality=95)
    with Image.open(tmp_path / "a.jpg") as image:
        full = np.asarray(image.resize((100, 100), Image.Resampling.BILINEAR), int)
    assert np.abs(read_image(tmp_path / "a.jpg", 100) - full).mean() < 2


def test_a_jpeg_of_108_megapixels_is_read_and_other_formats_of_that_size_are_not(tmp_path):
    image = Image.new("L", (12000, 9000), 255)
    image.paste(0, (6000, 0, 12000, 9000))
    for name in ("a.jpg", "progressive.jpg", "a.png"):
        image.save(tmp_path / name, progressive=name.startswith("p"))
    pixels = read_image(tmp_path / "a.jpg", 64)
    assert pixels[:, :30].min() > 250 and pixels[:, 34:].max() < 5
    for name in ("progressive.jpg", "a.png"):
        with pytest.raises(Img2TweetError, match=f"{name}: .*12000 x 9000 pixels; at most 89 million"):
            read_image(tmp_path / name, 64)


def test_no_warning_of_pillow_or_numpy_leaks(tmp_path):
    Image.new("L", (10000, 9200)).save(tmp_path / "large.png")  # of which Pillow warns
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = "a description that is cut", 3
    Image.new("RGB", (9, 9)).save(tmp_path / "exif.jpg", exif=exif.tobytes()[:-20])
    Image.fromarray(np.full((9, 9), np.nan, np.float32)).save(tmp_path / "nan.tiff")
    code = "from img2tweet_tf.features import read_image\nimport sys\n"
    code += "for name in sys.argv[1:]:\n    try: read_image(name, 9)\n    except Exception as error: print(error)"
    files = ["large.png", "exif.jpg", "nan.tiff"]
    done = subprocess.run(
        [sys.executable, "-c", code, *files], cwd=tmp_path, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(Path(images.__file__).parents[2])},
    )  # fmt: skip
    assert done.stderr == "" and done.stdout.splitlines() == [
        "large.png: cannot be read as an image (10000 x 9200 pixels; at most 89 million)"
    ]


@pytest.mark.parametrize("name", ["cut.jpg", "cut.png", "text.jpg", "empty.png", "absent.png", "folder.png"])
def test_what_cannot_be_read_is_a_one_line_error_that_names_the_file(tmp_path, name):
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (90, 90, 3), np.uint8))
    path = tmp_path / name
    if name.startswith("cut"):
        noise.save(path)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    elif name == "folder.png":
        path.mkdir()
    elif name != "absent.png":
        path.write_text("hello" if name == "text.jpg" else "")
    with pytest.raises(Img2TweetError) as error:
        read_image(path, 32)
    assert str(path) in str(error.value) and "\n" not in str(error.value)


def test_a_decompression_bomb_is_refused_before_it_is_decoded(tmp_path, monkeypatch):
    quarters().save(tmp_path / "a.png")
    monkeypatch.setattr(images, "MAX_PIXELS", 1000)
    monkeypatch.setattr(Image.Image, "resize", lambda *_: pytest.fail("it was decoded"))
    with pytest.raises(Img2TweetError, match="64 x 48 pixels"):
        read_image(tmp_path / "a.png", 32)


def test_a_large_jpeg_is_read_everywhere_alike(tmp_path):
    """More pixels than Pillow opens by itself: its format and a thumbnail of it, like its pixels."""
    from img2tweet_tf.features.images import MAX_PIXELS, image_format, read_thumbnail

    file = tmp_path / "large.jpg"
    Image.new("L", (14_000, 13_500), 90).save(file, quality=20)
    assert 14_000 * 13_500 > 2 * MAX_PIXELS
    assert image_format(file.read_bytes()) == "JPEG" and read_thumbnail(file, 720).size == (720, 694)
