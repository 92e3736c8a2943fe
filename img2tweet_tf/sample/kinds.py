"""The kinds of things that a scene can show, one record each in `data/kinds.yaml`: `KINDS` maps their names to them."""

from dataclasses import dataclass, replace

from img2tweet_tf.sample.yaml_files import read_records

COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "black", "white")


@dataclass(frozen=True)
class Look:
    """How a kind is drawn."""

    sprite: str  # the character that OpenMoji draws it by
    place: str  # zone of the backdrop that it belongs to
    size: int  # its longest side in pixels, close up
    lean: int = 0  # how many degrees it may lean
    mirror: bool = True  # whether left and right may be swapped
    finish: str = ""  # what `things` adds to the drawing, a name of `things.FINISH`
    by_light: bool = False  # whether it is grey or white by nature, so that colours go by lightness and not by hue
    draught: float = 0.0  # the share of its height that is under water where it swims
    thin: bool = False  # whether it stands on a narrow foot, with a narrow shadow
    glow: list | None = None  # red, green and blue of its light at night


@dataclass(frozen=True)
class Kind:
    """What is known about a kind. Names are pairs (one, many), the common name first; by default its own, with an s."""

    look: Look
    colours: tuple = ()  # those it can be drawn in, a list of `COLOURS` or "all"
    natural: str | None = None  # the colour that it has when none is asked for, where people would name it
    comes_in: tuple = ()  # the colours that the world gives it, common ones first
    most: int = 1  # how many of it a moment shows at most
    tweets: tuple = ()  # its names in tweets
    captions: tuple = ()  # its names in captions
    verb: str = "stand"  # what it does in captions: "stand", "lie", "fly" ...
    aloft: bool = False  # whether it hangs or flies, so that its lower edge does not say how near it is
    counted: bool = False  # whether accounts keep count of how many they have seen
    club: bool = False  # whether it is worn in the colour of a football club
    outside: bool = False  # whether it stays out of rooms
    shore: bool = False  # whether it may leave the water
    homely: bool = False  # whether, as a pet, it is taken no farther than the garden
    only_in: str | None = None  # the only weather in which it can be, if any


def _read():
    kinds = read_records("kinds.yaml", Kind, look=Look)
    for name, kind in kinds.items():
        own = ((name, name + "s"),)
        colours = COLOURS if kind.colours == "all" else tuple(kind.colours)
        kinds[name] = replace(kind, colours=colours, tweets=kind.tweets or own, captions=kind.captions or own)
    return kinds


KINDS = _read()
