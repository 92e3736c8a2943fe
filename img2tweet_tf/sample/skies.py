"""Light and weather: the sky by time of day, the colour of the light on things, glows, rain and snow."""

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from img2tweet_tf.sample.canvas import PALETTES, SIZE, mix

_BOLT = ((0, 0), (-0.16, 0.5), (-0.02, 0.46), (-0.14, 1.0), (0.2, 0.34), (0.06, 0.37), (0.16, 0.0))

_SPOT = Image.radial_gradient("L").point(lambda v: round(max(0.0, 255 - v * 1.42) ** 2 / 255))
SHADOW = Image.radial_gradient("L").point(lambda v: round(max(0.0, 255 - v * 1.42) * 0.75))
_RIM = Image.radial_gradient("L").resize((SIZE, SIZE)).filter(ImageFilter.GaussianBlur(4))
VIGNETTE = Image.merge("RGB", [_RIM.point(lambda v: 255 - round(max(0, v - 140) * 0.22))] * 3)


def sprite_light(weather, daytime, indoors=False):
    """Returns the RGB that sprites are multiplied by."""
    if indoors:
        return mix(PALETTES[daytime]["sprites"], (255, 246, 228), 0.75)
    left = PALETTES["weathers"][weather]["light"]
    return tuple(round(c * (1 + left) / 2) for c in PALETTES[daytime]["sprites"])


def paint_sky(canvas, bottom, left=0, top=0, right=SIZE):
    """Paints the sky into the given box, with sun, moon, stars and clouds as weather and time of day have it."""
    rng, weather, night = canvas.rng, canvas.weather, canvas.daytime == "night"
    hues, effect = PALETTES[canvas.daytime], PALETTES["weathers"][weather]
    wide, high = right - left, bottom - top
    fair, scale = weather in ("sun", "clouds"), min(1.0, wide / 150)
    grey = mix(hues["grey"], (52, 56, 74), 0.6 if weather == "storm" else 0.0)
    upper, lower = (canvas.jitter(mix(c, grey, effect["grey"]), 8) for c in hues["sky"])
    canvas.fade(left, top, right, bottom, upper, lower, raw=True)
    if night and fair:
        for _ in range(round(34 * wide * high / 40000) + 4):
            r, x, y = rng.choice((0.5, 0.7, 1.1)), rng.uniform(left, right), high * rng.random() ** 1.3 * 0.9
            canvas.ellipse(x, top + y, r, r, (250, 248, 225), raw=True)
    if fair:
        x = left + wide * rng.uniform(0.12, 0.88)
        y = top + high * (rng.uniform(0.7, 0.95) if canvas.daytime == "sunset" else rng.uniform(0.14, 0.34))
        _sun_or_moon(canvas, x, y, rng.uniform(16, 24) * scale, mix(upper, lower, 0.3))
    few = rng.choice((0, 1, 2))
    count = {"sun": 0 if night else few, "clouds": 5, "rain": 7, "snow": 6, "storm": 8}[weather]
    cloud = mix(hues["cloud"], mix(grey, (70, 74, 92), 0.4), effect["dark"])
    heavy = 1.35 if weather in ("rain", "storm") else 1.0
    for _ in range(count):
        x, y = rng.uniform(left, right), top + high * rng.uniform(0.03, 0.5) ** heavy
        _cloud(canvas, x, y, rng.uniform(14, 26) * scale * heavy, canvas.jitter(cloud, 7), left, right, bottom)
    if weather == "storm":
        x, y, step = left + wide * rng.uniform(0.2, 0.8), top + high * 0.25, high * 0.5
        canvas.polygon([(x + dx * step, y + dy * step) for dx, dy in _BOLT], (255, 246, 170), raw=True)


def _sun_or_moon(canvas, x, y, radius, sky):
    if canvas.daytime == "night":
        halo = mix(sky, (250, 246, 214), 0.14)
        canvas.ellipse(x, y, radius * 1.5, radius * 1.5, halo, raw=True)
        canvas.ellipse(x, y, radius, radius, (250, 244, 210), raw=True)
        if canvas.rng.random() < 0.5:
            canvas.ellipse(x + radius * 0.45, y - radius * 0.2, radius * 0.86, radius * 0.86, halo, raw=True)
        return
    core = (255, 222, 84) if canvas.daytime == "day" else (255, 142, 74)
    for grow, share in ((2.3, 0.18), (1.6, 0.4), (1.0, 1.0)):
        canvas.ellipse(x, y, radius * grow, radius * grow, mix(sky, core, share), raw=True)


def _cloud(canvas, x, y, size, colour, left, right, bottom):
    for dx, dy, r in ((-1.1, 0.25, 0.62), (-0.35, -0.1, 0.85), (0.5, 0.02, 0.75), (1.2, 0.3, 0.55)):
        cx, cy, r = x + dx * size, y + dy * size, r * size
        if left - 1 <= cx - r and cx + r <= right + 1 or (left == 0 and right == SIZE):
            canvas.ellipse(cx, min(cy, bottom - r * 0.7), r, r * 0.72, colour, raw=True)


def weather_overlay(image, weather, rng, box=(0, 0, SIZE, SIZE)):
    """Draws falling rain or snow over one box of an RGB picture, in place."""
    if weather not in ("rain", "storm", "snow"):
        return
    left, top, right, bottom = box
    share = (right - left) * (bottom - top) / SIZE**2
    veil = Image.new("L", image.size)
    draw = ImageDraw.Draw(veil)
    slant, count = {"snow": (0, 130), "rain": (0.16, 110), "storm": (0.42, 170)}[weather]
    for _ in range(round(count * share) + 6):
        x, y = rng.uniform(left, right), rng.uniform(top, bottom)
        if weather == "snow":
            r = rng.choice((0.8, 1.0, 1.4, 1.9))
            draw.ellipse((x - r, y - r, x + r, y + r), fill=235)
        else:
            long = rng.uniform(8, 17) * min(1, share + 0.5)
            draw.line((x, y, x - slant * long, y + long), fill=rng.choice((90, 120, 150)))
    colour = (255, 255, 255) if weather == "snow" else (214, 230, 246)
    image.paste(colour, box, veil.crop(box))


def glow(image, x, y, radius, colour, strength=0.6):
    """Lights up a round place of an RGB picture, in place."""
    side, left, top = round(radius * 2), round(x - radius), round(y - radius)
    spot = _SPOT.resize((side, side)).point(lambda v: round(v * strength))
    light = Image.composite(Image.new("RGB", (side, side), colour), Image.new("RGB", (side, side)), spot)
    area = (left, top, left + side, top + side)
    image.paste(ImageChops.screen(image.crop(area), light), area)
