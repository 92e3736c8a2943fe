"""What tweets are about: `TOPICS`, one record each in `data/topics.yaml`, and what a moment of a topic shows."""

from dataclasses import dataclass, field

from img2tweet_tf.sample.facts import Thing
from img2tweet_tf.sample.kinds import KINDS
from img2tweet_tf.sample.settings import WEATHERS
from img2tweet_tf.sample.yaml_files import read_records


@dataclass(frozen=True)
class Choice:
    """How a hidden fact is drawn: from numbers, from a list of its own, from a list of `names.yaml`."""

    one_of: list | None = None  # its values
    least: int | None = None  # whole numbers from this
    most: int | None = None  # to this
    times: int = 1  # what the number is multiplied by
    names: str | None = None  # a list of `names.yaml`
    of: str | None = None  # another fact: what is drawn from `names` is always the same for its value
    city: str | None = None  # a list of `names.yaml`, of which each city has a few, always the same
    count: int = 4  # how many a city has
    weights: list | None = None  # of those that a city has
    draw: str | None = None  # another name to deal them to cities by, so that a city's bus stops are not its streets


@dataclass(frozen=True)
class Topic:
    """How a topic looks, and when it happens.

    Nothing here knows a hidden fact: a picture tells who tweets and what is about, never a score.
    """

    category: str  # of `facts.CATEGORIES`
    settings: dict  # setting -> weight
    main: dict  # kind -> weight, what it shows first; PET stands for the pet, WEATHER for what suits the weather
    extra: dict  # kind -> weight, what else it shows
    hours: tuple[int, int] = (9, 20)  # first and last hour of the day
    days: tuple = ()  # of the week, "Mon" ... "Sun"; empty for all
    months: tuple = ()  # 1 ... 12; empty for all
    weathers: tuple = ()  # of `weather.yaml`; empty for all
    season: tuple = ()  # first and last [month, day]; empty for all the year
    needs: str = ""  # what must be so for the account that day, a key of `World._holds` such as "match" or "home"
    boost: float = 1.0  # how much more or less often it is tweeted about, where it can happen at all
    facts: dict[str, Choice] = field(default_factory=dict)  # hidden facts that are drawn; `knowledge` has the others
    journey: bool = False  # whether it tells of the trip the account is on
    days_to: tuple[int, int] | None = None  # month and day that it counts the days to


TOPICS = read_records("topics.yaml", Topic, facts={"*": Choice})
MOST_SHOWN = 6  # individuals in a picture, scenery apart


def choose_things(topic, account, weather, rng, pet_kind=None, club_colour=None):
    """What a moment shows: 1 to 4 `Thing`s of a topic, most important first, of `MOST_SHOWN` individuals at most.

    Args:
        topic: a key of `TOPICS`.
        account: the `Account`, who favours and colours things.
        weather: of `weather.yaml`.
        rng: a `random.Random`.
        pet_kind: the kind of the pet it is about, or None.
        club_colour: the colour of the account's club, or None.
    """
    kinds, things, left = [], [], MOST_SHOWN
    for step in range(1 + rng.choices((0, 1, 2, 3), (2, 5, 3, 1))[0]):
        pool = dict(TOPICS[topic].main if step == 0 else TOPICS[topic].extra)
        if "PET" in pool:
            pool = {pet_kind: 1}
        if "WEATHER" in pool:
            pool = dict(WEATHERS[weather].suits)
        pool = {
            kind: weight * 2.5 ** account.likes.count(kind)
            for kind, weight in pool.items()
            if kind not in kinds and KINDS[kind].only_in in (None, weather)
        }
        if pool:
            kinds.append(weighted(pool, rng))
    for place, kind in enumerate(kinds, 1):
        room = left - (len(kinds) - place)  # at least one of each that follows
        most = min(1 if kind == pet_kind else KINDS[kind].most, room)
        count = rng.choices(range(1, most + 1), [1 / (i + 0.6) for i in range(most)])[0]
        left -= count
        things.append(Thing(kind, count, _colour(kind, topic, account, rng, club_colour)))
    return things


def _colour(kind, topic, account, rng, club_colour):
    """The colour of a kind: the club's, the account's own, or one it comes in; None for a kind of one colour."""
    colours = KINDS[kind].comes_in
    if not colours:
        return None
    if TOPICS[topic].category == "football" and KINDS[kind].club and club_colour:
        return club_colour
    if kind in account.own and rng.random() < 0.85:
        return account.own[kind]
    return rng.choices(colours, [1 / (i + 2) for i in range(len(colours))])[0]


def weighted(pool, rng):
    """Draws a key of `pool` (key -> weight)."""
    return rng.choices(list(pool), list(pool.values()))[0]
