"""Words for what can be seen and what is known: nouns with plurals, articles, numbers, ordinals, hashtags."""

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")

# kinds that are not called by their own name, or not only: (one, more) in order of how common they are
NOUNS = {
    "football": (("football", "footballs"), ("ball", "balls")),
    "shirt": (("shirt", "shirts"),),
    "running shoe": (("running shoe", "running shoes"), ("trainer", "trainers")),
    "fries": (("portion of fries", "portions of fries"), ("bag of fries", "bags of fries")),
    "bread": (("loaf", "loaves"), ("loaf of bread", "loaves of bread")),
    "noodle bowl": (("bowl of noodles", "bowls of noodles"), ("noodle bowl", "noodle bowls")),
    "sushi": (("piece of sushi", "pieces of sushi"),),
    "wine glass": (("glass of wine", "glasses of wine"),),
    "beer": (("beer", "beers"), ("pint", "pints")),
    "strawberry": (("strawberry", "strawberries"),),
    "pancakes": (("stack of pancakes", "stacks of pancakes"),),
    "cheese": (("wedge of cheese", "wedges of cheese"), ("cheese", "cheeses")),
    "black cat": (("black cat", "black cats"), ("cat", "cats")),
    "yarn": (("ball of yarn", "balls of yarn"),),
    "aeroplane": (("plane", "planes"), ("aeroplane", "aeroplanes")),
    "backpack": (("backpack", "backpacks"), ("rucksack", "rucksacks")),
    "sunglasses": (("pair of sunglasses", "pairs of sunglasses"),),
    "headphones": (("pair of headphones", "pairs of headphones"),),
    "microphone": (("microphone", "microphones"), ("mic", "mics")),
    "goldfish": (("goldfish", "goldfish"),),
    "butterfly": (("butterfly", "butterflies"),),
    "deer": (("deer", "deer"),),
    "sheep": (("sheep", "sheep"),),
    "loudspeaker": (("speaker", "speakers"), ("loudspeaker", "loudspeakers")),
    "keyboard": (("keyboard", "keyboards"),),
    "gift": (("present", "presents"), ("gift", "gifts")),
    "birthday cake": (("birthday cake", "birthday cakes"), ("cake", "cakes")),
    "christmas tree": (("Christmas tree", "Christmas trees"), ("tree", "trees")),
    "champagne": (("bottle of champagne", "bottles of champagne"), ("bottle of fizz", "bottles of fizz")),
    "car": (("car", "cars"),),
    "taxi": (("taxi", "taxis"), ("cab", "cabs")),
    "bicycle": (("bike", "bikes"), ("bicycle", "bicycles")),
    "bus": (("bus", "buses"),),
    "traffic light": (("traffic light", "traffic lights"),),
    "church": (("church", "churches"),),
    "factory": (("factory", "factories"),),
    "potted plant": (("potted plant", "potted plants"), ("plant", "plants")),
    "party popper": (("party popper", "party poppers"),),
    "ice cream": (("ice cream", "ice creams"),),
    "dog": (("dog", "dogs"),),
    "sofa": (("sofa", "sofas"), ("couch", "couches")),
    "tent": (("tent", "tents"),),
    "trophy": (("trophy", "trophies"), ("cup", "cups")),
    "fox": (("fox", "foxes"),),
    "torch": (("torch", "torches"),),
    "doughnut": (("doughnut", "doughnuts"),),
    "sailing boat": (("sailing boat", "sailing boats"), ("boat", "boats")),
    "scarf": (("scarf", "scarves"),),
    "owl": (("owl", "owls"),),
}

WEATHER_WORDS = {
    "sun": ("sunshine", "sun"),
    "clouds": ("clouds", "grey skies", "cloud"),
    "rain": ("rain", "drizzle"),
    "snow": ("snow",),
    "storm": ("thunder", "storm", "lightning"),
}


def noun(kind, count, rng, plain=False):
    """A noun for `count` of a kind: the commonest one (`plain`), or now and then another."""
    forms = NOUNS.get(kind, ((kind, kind + "s"),))
    one, more = forms[0] if plain or rng.random() < 0.65 else rng.choice(forms)
    return one if count == 1 else more


def article(words):
    """`words` with "a" or "an" before them."""
    first = words.split()[0].lower()
    vowel = first[0] in "aeiou" and not first.startswith(("uni", "use", "uk", "one", "eu"))
    return f"{'an' if vowel or first in ('hour', 'honest') else 'a'} {words}"


def number(value, digits=False):
    """A whole number in words up to twelve, else (or with `digits`) in figures."""
    return NUMBERS[value] if not digits and 0 <= value < len(NUMBERS) else str(value)


def ordinal(value):
    """1 -> "1st"."""
    ending = "th" if 10 <= value % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
    return f"{value}{ending}"


def possessive(name):
    """Ivy -> Ivy's, Otis -> Otis'."""
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def hashtag(words):
    """the Pie Cup -> #PieCup."""
    parts = "".join(c if c.isalnum() else " " for c in str(words).replace("'", "")).split()
    return "#" + "".join(part[0].upper() + part[1:] for part in parts if part.lower() != "the" or len(parts) == 1)
