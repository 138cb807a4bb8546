"""Procedural backgrounds: surfaces seen from above, and scenes with a ground and a backdrop.

Every function takes a NumPy generator and a size in pixels, and returns [height, width, 3] float32
in 0-255. No background depends on the class of what is put on it.
"""

import numpy as np
from PIL import Image, ImageFilter


def noise(rng, width, height, cell_x, cell_y):
    """Smooth noise in [0, 1] whose blobs are about cell_x by cell_y pixels; [height, width]."""
    columns, rows = max(2, round(width / cell_x) + 1), max(2, round(height / cell_y) + 1)
    grid = Image.fromarray(rng.random((rows, columns), dtype=np.float32), mode="F")
    return np.clip(np.asarray(grid.resize((width, height), Image.Resampling.BICUBIC)), 0, 1)


def fractal(rng, width, height, cell_x, cell_y, octaves=4):
    """Sum of `octaves` noises, each half as coarse and half as strong; mean about 0.5."""
    total, weight = np.zeros((height, width), np.float32), 0.0
    for octave in range(octaves):
        share = 0.5**octave
        total += share * noise(rng, width, height, max(1, cell_x * share), max(1, cell_y * share))
        weight += share
    return total / weight


def blend(first, second, amount):
    """first where amount is 0, second where it is 1; colours as (r, g, b) or images."""
    amount = np.clip(amount, 0, 1)[..., None]
    return np.asarray(first, np.float32) * (1 - amount) + np.asarray(second, np.float32) * amount


def vary(rng, colour, spread=14):
    """The colour a little lighter or darker, and less so redder or bluer."""
    return np.asarray(colour, np.float32) + rng.normal(0, spread) + rng.normal(0, spread / 3, 3)


def grass(rng, width, height):
    blades = fractal(rng, width, height, 5, 34, 3)
    patches = fractal(rng, width, height, 120, 90, 3)
    green = blend(vary(rng, (38, 66, 20)), vary(rng, (134, 164, 68)), (blades - 0.25) * 1.9)
    return blend(green, vary(rng, (158, 150, 84)), (patches - 0.45) * 1.6)


def sand(rng, width, height):
    dunes = fractal(rng, width, height, 180, 60, 3)
    grains = rng.normal(0, 9, (height, width, 1)).astype(np.float32)
    return blend(vary(rng, (176, 146, 104)), vary(rng, (232, 210, 170)), dunes * 1.6 - 0.3) + grains


def earth(rng, width, height):
    clods = fractal(rng, width, height, 60, 40, 5)
    return blend(vary(rng, (56, 40, 28)), vary(rng, (160, 126, 92)), clods * 2.2 - 0.6)


def wood(rng, width, height):
    grain = fractal(rng, width, height, 260, 7, 4)
    rings = 0.5 + 0.5 * np.sin(grain * 34 + noise(rng, width, height, 300, 40) * 8)
    board = max(40, int(rng.integers(60, 170)))
    board_of_row = np.arange(height) // board
    tone = rng.normal(0, 12, board_of_row.max() + 1)[board_of_row].astype(np.float32)
    dark, light = ((78, 48, 26), (172, 122, 74)) if rng.random() < 0.6 else ((140, 126, 108), (206, 194, 176))
    planks = blend(vary(rng, dark), vary(rng, light), 0.35 * rings + 0.65 * grain) + tone[:, None, None]
    planks[np.arange(height) % board < 2] *= 0.45
    return planks


def stone(rng, width, height):
    surface = fractal(rng, width, height, 36, 36, 6)
    slabs = blend(vary(rng, (122, 120, 116)), vary(rng, (192, 188, 180)), surface * 2 - 0.5)
    side = int(rng.integers(90, 220))
    joint = (np.arange(height)[:, None] % side < 3) | ((np.arange(width)[None, :] + side // 3) % side < 3)
    slabs[joint] *= 0.6
    return slabs


def cloth(rng, width, height):
    threads = np.add.outer(np.sin(np.arange(height) * 2.1), np.sin(np.arange(width) * 2.1)) * 5
    folds = fractal(rng, width, height, 260, 200, 2)
    colour = vary(rng, [(178, 52, 52), (60, 88, 140), (224, 220, 208), (92, 122, 92), (202, 176, 120)]
                  [rng.integers(5)], 10)
    fabric = colour * (0.62 + 0.7 * folds[..., None]) + threads[..., None]
    if rng.random() < 0.4:  # a checked table cloth
        side = int(rng.integers(24, 60))
        stripe_y, stripe_x = np.arange(height) // side % 2, np.arange(width) // side % 2
        fabric = blend(fabric, (240, 238, 232), 0.35 * np.add.outer(stripe_y, stripe_x))
    return fabric


def paper(rng, width, height):
    light = fractal(rng, width, height, 400, 400, 2)
    fibres = rng.normal(0, 2.5, (height, width, 1)).astype(np.float32)
    tint = vary(rng, [(240, 238, 232), (214, 206, 190), (190, 202, 212)][rng.integers(3)], 6)
    return tint * (0.8 + 0.3 * light[..., None]) + fibres


def water(rng, width, height):
    waves = fractal(rng, width, height, 70, 9, 4)
    return blend(vary(rng, (22, 62, 92)), vary(rng, (150, 196, 206)), (waves - 0.3) * 1.7)


def sky(rng, width, height):
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None] * np.ones((1, width), np.float32)
    air = blend(vary(rng, (78, 132, 200)), vary(rng, (190, 212, 232)), down)
    clouds = fractal(rng, width, height, 220, 90, 5)
    return blend(air, (246, 246, 244), (clouds - rng.uniform(0.42, 0.62)) * 5)


def wall(rng, width, height):
    colour = vary(rng, [(206, 196, 178), (150, 168, 178), (178, 152, 132), (118, 128, 110)]
                  [rng.integers(4)], 16)
    side = np.linspace(rng.uniform(0.7, 1.1), rng.uniform(0.7, 1.1), width, dtype=np.float32)
    plaster = fractal(rng, width, height, 30, 30, 5)
    return colour * side[None, :, None] * (0.86 + 0.28 * plaster[..., None])


def foliage(rng, width, height):
    """Trees out of focus: blurred leaves with spots of light."""
    leaves = fractal(rng, width, height, 70, 70, 4)
    image = blend(vary(rng, (18, 38, 16)), vary(rng, (120, 156, 70)), leaves * 2.4 - 0.7)
    canvas = Image.fromarray(np.uint8(np.clip(image, 0, 255)))
    for _ in range(int(rng.integers(4, 16))):
        radius = int(rng.integers(6, 26))
        spot = Image.new("L", (2 * radius, 2 * radius), 0)
        disc = np.hypot(*np.mgrid[-radius:radius, -radius:radius]) < radius - 1
        spot = Image.fromarray(np.uint8(disc * rng.integers(50, 130)))
        at = (int(rng.integers(-radius, width)), int(rng.integers(-radius, height)))
        canvas.paste((226, 232, 176), at, spot)
    return np.asarray(canvas.filter(ImageFilter.GaussianBlur(5)), np.float32)


def clutter(rng, width, height, stamps):
    """Things far out of focus in front of a wall; `stamps` are RGBA pictures."""
    canvas = Image.fromarray(np.uint8(np.clip(wall(rng, width, height), 0, 255)))
    for stamp in stamps:
        side = max(8, int(max(width, height) * rng.uniform(0.35, 0.8)))
        thing = stamp.resize((side, max(8, side * stamp.height // stamp.width)))
        at = (int(rng.integers(-side // 2, width - side // 4)), int(rng.integers(-side // 2, height)))
        canvas.paste(thing, at, thing)
    blur = max(width, height) * rng.uniform(0.04, 0.07)
    return np.asarray(canvas.filter(ImageFilter.GaussianBlur(blur)), np.float32)


SURFACES = [grass, sand, earth, wood, stone, cloth, paper, water]
GROUNDS = [grass, sand, earth, wood, stone]
BACKDROPS = [sky, wall, foliage, clutter]


def surface(rng, width, height, stamps):
    """One surface that fills the picture, or clutter."""
    if rng.random() < 0.15:
        return clutter(rng, width, height, stamps)
    return SURFACES[rng.integers(len(SURFACES))](rng, width, height)


def scene(rng, width, height, stamps):
    """Returns (image, row of the horizon): a ground below a blurred backdrop."""
    horizon = int(height * rng.uniform(0.4, 0.7))
    make = BACKDROPS[rng.integers(len(BACKDROPS))]
    back = make(rng, width, height, stamps) if make is clutter else make(rng, width, height)
    back = Image.fromarray(np.uint8(np.clip(back, 0, 255)))
    back = np.asarray(back.filter(ImageFilter.GaussianBlur(rng.uniform(1, 4))), np.float32)
    ground = GROUNDS[rng.integers(len(GROUNDS))](rng, width, height)
    uneven = horizon + (fractal(rng, width, 2, 60, 2, 3)[0] - 0.5) * 0.05 * height
    below = (np.arange(height)[:, None] - uneven[None, :]) / 3
    far = np.clip((np.arange(height) - horizon) / max(1, height - horizon), 0, 1)[:, None, None]
    return blend(back, ground * (0.78 + 0.22 * far), below), horizon
