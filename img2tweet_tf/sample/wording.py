"""Words for what can be seen and what is known: nouns with plurals, articles, numbers, ordinals, hashtags."""

from img2tweet_tf.sample.kinds import KINDS

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def noun(kind, count, rng, plain=False):
    """A noun for `count` of a kind: the commonest one (`plain`), or now and then another."""
    forms = KINDS[kind].tweets
    one, more = forms[0] if plain or rng.random() < 0.65 else rng.choice(forms)
    return one if count == 1 else more


def article(words):
    """`words` with "a" or "an" before them."""
    first = words.split()[0].lower()
    vowel = first[0] in "aeiou" and not first.startswith(("uni", "use", "uk", "one", "eu"))
    return f"{'an' if vowel or first in ('hour', 'honest') else 'a'} {words}"


def number(value, digits=False):
    """A whole number in words up to twelve, else (or with `digits`) in figures."""
    return NUMBERS[value] if not digits and 0 <= value < len(NUMBERS) else figures(value)


def figures(value):
    """A number in figures, 2,500 with a comma but 2025 without, which may be a year; anything else as it is."""
    return f"{value:,}" if isinstance(value, int) and value > 2100 else str(value)


def ordinal(value):
    """1 -> "1st"."""
    ending = "th" if 10 <= value % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
    return f"{value}{ending}"


def possessive(name):
    """Ivy -> Ivy's, Otis -> Otis'."""
    return f"{name}'" if str(name).endswith("s") else f"{name}'s"


def hashtag(words):
    """the Pie Cup -> #PieCup."""
    parts = "".join(c if c.isalnum() else " " for c in str(words).replace("'", "")).split()
    return "#" + "".join(part[0].upper() + part[1:] for part in parts if part.lower() != "the" or len(parts) == 1)
