"""The settings without streets: park, garden, forest, beach, mountains, field, harbour; `backdrops` calls them."""

from img2tweet_tf.sample.canvas import SIZE, Zone, mix


def _bushes(canvas, y, count, colour, size):
    for _ in range(count):
        x, r = canvas.between(-5, SIZE + 5), canvas.between(0.6, 1.3) * size
        canvas.ellipse(x, y, r, r * 0.8, canvas.jitter(colour, 9), ground=canvas.snowy and canvas.rng.random() < 0.5)


def _lawn(canvas, horizon, colour, tufts=40):
    near = mix(colour, (168, 204, 84), 0.35)
    canvas.fade(0, horizon, SIZE, SIZE, colour, near, ground=True)
    for _ in range(tufts):
        x, y = canvas.between(0, SIZE), canvas.between(horizon + 8, SIZE)
        r = 1.2 + 3.4 * (y - horizon) / (SIZE - horizon)
        for lean in (-0.6, 0.0, 0.6):
            canvas.line(((x, y), (x + lean * r, y - r)), mix(near, (40, 100, 30), 0.35), 0.8, ground=True)


def paint_pond(canvas, zones):
    """Puts a pond where the ground begins, and begins the ground in front of it."""
    top, high = zones["ground"].top, 31
    x, y = canvas.between(110, 190), top + 17
    canvas.ellipse(x, y + 2, 186, high + 5, (150, 160, 96), ground=True)
    canvas.ellipse(x, y, 180, high, (96, 172, 214))
    for _ in range(9):
        left, dy = x + canvas.between(-120, 100), canvas.between(-0.6, 0.6) * high
        canvas.line(((left, y + dy), (left + canvas.between(10, 26), y + dy)), (178, 220, 240), 0.9)
    zones["water"] = Zone(max(4, x - 140), y - 2, min(SIZE - 4, x + 140), y + high * 0.75, 0.78, 0.92)
    zones["ground"] = Zone(4, top + 54, SIZE - 4, 291, 0.85, 1.0)


def park(canvas, horizon):
    canvas.hills(horizon - 4, 20, 1.4, canvas.jitter((104, 160, 92), 10))
    _bushes(canvas, horizon, 16, (82, 142, 74), 19)
    _lawn(canvas, horizon, canvas.jitter((112, 176, 74), 10))
    if not canvas.pond:
        start, bend, end = canvas.between(60, 240), canvas.between(20, 280), canvas.between(20, 280)
        path = []
        for step in range(21):
            t = step / 20
            x = (1 - t) ** 2 * start + 2 * t * (1 - t) * bend + t * t * end
            wide, y = 4 + 30 * t * t, horizon + (SIZE + 6 - horizon) * t
            path = [(x - wide, y), *path, (x + wide, y)]
        canvas.polygon(path, canvas.jitter((232, 212, 168), 8), ground=True)


def garden(canvas, horizon):
    _bushes(canvas, horizon - 22, 18, (88, 150, 80), 22)
    fence, tip = canvas.pick("fences", 8), horizon - 44
    for y in (horizon - 32, horizon - 15):
        canvas.box(0, y, SIZE, y + 4, mix(fence, (90, 90, 90), 0.12))
    for x in range(round(canvas.between(-12, 0)), SIZE, 15):
        canvas.polygon(((x, horizon), (x, tip + 6), (x + 4.5, tip), (x + 9, tip + 6), (x + 9, horizon)), fence)
    _lawn(canvas, horizon, canvas.jitter((104, 178, 82), 10), 50)
    for _ in range(26):
        x, y = canvas.between(0, SIZE), horizon + canvas.between(1, 8)
        canvas.ellipse(x, y, 4, 3, (70, 138, 62))
        canvas.ellipse(x, y - 3, 2.4, 2.4, canvas.pick("flowers"))


def forest(canvas, horizon):
    for row, share in enumerate((0.55, 0.3, 0.0)):
        green = canvas.jitter(mix((48, 104, 66), (150, 190, 170), share), 8)
        for _ in range(17):
            x, high = canvas.between(-10, SIZE + 10), canvas.between(62, 104) - row * 12
            wide, foot = high * canvas.between(0.2, 0.26), horizon + row * 4 + 2
            shade = mix(canvas.jitter(green, 6), (240, 245, 250), 0.25 if canvas.snowy else 0.0)
            canvas.box(x - 2, foot - 14, x + 2, foot + 2, (104, 76, 54))
            for part in (0.0, 0.28, 0.54):
                tip = foot - high + part * high * 0.9
                low, half = tip + high * 0.42, wide * (0.5 + part)
                canvas.polygon(((x, tip), (x - half, low), (x + half, low)), shade)
    _lawn(canvas, horizon, canvas.jitter((92, 138, 66), 9), 60)
    canvas.specks(0, horizon + 14, SIZE, SIZE, 30, (176, 128, 70), 2, flat=0.5, ground=True)


def _waves(canvas, top, bottom, count):
    for _ in range(count):
        y = canvas.between(top, bottom)
        x, long = canvas.between(-10, SIZE), 8 + 26 * (y - top) / (bottom - top)
        canvas.line(((x, y), (x + long * 0.5, y - 1.2), (x + long, y)), (196, 232, 244), 0.9)


def beach(canvas, horizon, shore):
    sea = canvas.jitter((42, 142, 200), 10)
    canvas.fade(0, horizon, SIZE, shore + 10, mix(sea, (20, 90, 160), 0.4), mix(sea, (130, 220, 226), 0.6))
    _waves(canvas, horizon + 6, shore - 6, 20)
    sand = canvas.jitter((242, 218, 164), 8)
    canvas.hills(shore + 7, 8, 1.6, (250, 252, 252), ground=False)
    canvas.fade(0, shore + 8, SIZE, SIZE, mix(sand, (190, 150, 100), 0.25), sand, ground=True)
    canvas.specks(0, shore + 14, SIZE, SIZE, 70, mix(sand, (160, 120, 70), 0.4), 0.9, ground=True)


def _peak(canvas, left, wide, foot, high, rock):
    """A mountain with a shadow on its right side and snow on its top."""
    tip, right = foot - high * canvas.between(0.7, 1.1), left + wide
    peak = left + wide * canvas.between(0.42, 0.58)
    canvas.polygon(((left, foot), (peak, tip), (right, foot)), rock)
    canvas.polygon(((peak, tip), (right, foot), (peak + 6, foot)), mix(rock, (60, 66, 96), 0.16))
    low, left, right = tip + (foot - tip) * 0.3, peak - (peak - left) * 0.3, peak + (right - peak) * 0.3
    canvas.polygon(((peak, tip), (right, low), (peak + 5, low - 6), (peak - 2, low + 3), (left, low)), (248, 250, 253))


def mountains(canvas, horizon):
    for share, high in ((0.5, 96), (0.15, 66)):
        rock = canvas.jitter(mix((116, 124, 146), (190, 206, 226), share), 7)
        x = canvas.between(-70, -20)
        while x < SIZE + 10:
            wide = canvas.between(90, 140)
            _peak(canvas, x, wide, horizon, high, rock)
            x += wide * canvas.between(0.55, 0.8)
    canvas.box(0, horizon - 9, SIZE, horizon + 8, (96, 148, 84), ground=True)
    canvas.hills(horizon + 4, 14, 1.2, canvas.jitter((96, 148, 84), 8))
    _lawn(canvas, horizon + 6, canvas.jitter((118, 172, 82), 8), 50)
    canvas.specks(0, horizon + 14, SIZE, SIZE, 26, (246, 240, 220), 1.2)


def field(canvas, horizon):
    canvas.hills(horizon, 26, 1.1, canvas.jitter((140, 178, 104), 9))
    canvas.hills(horizon + 2, 12, 1.8, canvas.jitter((112, 158, 84), 9))
    crop = canvas.pick("crops", 10)
    canvas.fade(0, horizon, SIZE, SIZE, mix(crop, (120, 110, 60), 0.12), crop, ground=True)
    furrow = mix(crop, (110, 90, 40), 0.26)
    canvas.rays(canvas.between(60, 240), horizon + 1, 14, 11, 78, furrow, 1.3, ground=True)
    if canvas.rng.random() < 0.6:
        for x in range(round(canvas.between(-20, 0)), SIZE, 34):
            canvas.box(x, horizon - 9, x + 3, horizon + 6, (132, 98, 66))
        for y in (horizon - 6, horizon):
            canvas.box(0, y, SIZE, y + 1.6, (150, 114, 80))


def harbour(canvas, horizon, quay):
    for x, wide in canvas.row(canvas.between(-20, 0), SIZE, (12, 26), gap=lambda: canvas.rng.choice((0, 0, 3, 14))):
        high = canvas.between(8, 26)
        tone = canvas.jitter(mix((150, 160, 180), (214, 150, 120), canvas.rng.random() * 0.6), 9)
        canvas.box(x, horizon - high, x + wide, horizon, tone)
        if canvas.daytime == "night" and canvas.rng.random() < 0.7:
            top, bottom = horizon - high * 0.6, horizon - high * 0.35
            canvas.box(x + wide * 0.4, top, x + wide * 0.6, bottom, (255, 224, 130), raw=True)
    sea = canvas.jitter((56, 134, 178), 10)
    canvas.fade(0, horizon, SIZE, quay, mix(sea, (160, 200, 220), 0.3), mix(sea, (16, 70, 120), 0.35))
    _waves(canvas, horizon + 8, quay - 8, 26)
    stone = canvas.jitter((176, 170, 162), 8)
    canvas.fade(0, quay, SIZE, SIZE, stone, mix(stone, (255, 250, 240), 0.3), ground=True)
    canvas.box(0, quay, SIZE, quay + 8, mix(stone, (60, 60, 70), 0.45))
    joint = mix(stone, (60, 60, 70), 0.22)
    for first, y in ((20, quay + 26), (40, quay + 54)):
        canvas.line(((0, y), (SIZE, y)), joint, 0.9, ground=True)
        for x in range(first, SIZE, 56):
            canvas.line(((x, y), (x - 8 + x / 20, y + 28)), joint, 0.9, ground=True)
    for x in (canvas.between(20, 120), canvas.between(180, 280)):
        canvas.box(x - 5, quay - 8, x + 5, quay + 6, (64, 68, 78), radius=2)
        canvas.box(x - 8, quay - 12, x + 8, quay - 6, (78, 82, 94), radius=3)
