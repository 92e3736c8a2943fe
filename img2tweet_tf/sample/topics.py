"""What tweets are about: `TOPICS`, one record each in `data/topics.yaml`."""

from dataclasses import dataclass, field

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
