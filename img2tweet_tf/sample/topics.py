"""What tweets are about: `TOPICS`, one record each in `data/topics.yaml`."""

from dataclasses import dataclass, field

from img2tweet_tf.sample.yaml_files import read_records


@dataclass(frozen=True)
class Choice:
    """How a hidden fact is drawn: from numbers, from a list of its own, from a list of `names.yaml`.

    Args:
        one_of: its values.
        least, most: whole numbers, from and to; `times` as much.
        names: a list of `names.yaml`.
        of: another fact; what is drawn from `names` is always the same for its value.
        city: a list of `names.yaml`, of which each city has `count`, always the same; `weights` of these.
        draw: lists are dealt to cities anew under another name, so that a city's bus stops are not its streets.
    """

    one_of: list | None = None
    least: int | None = None
    most: int | None = None
    times: int = 1
    names: str | None = None
    of: str | None = None
    city: str | None = None
    count: int = 4
    weights: list | None = None
    draw: str | None = None


@dataclass(frozen=True)
class Topic:
    """How a topic looks, and when it happens.

    Nothing here knows a hidden fact: a picture tells who tweets and what is about, never a score.

    Args:
        category: of `facts.CATEGORIES`.
        settings: setting -> weight.
        main: kind -> weight, what it shows first. PET stands for the pet, WEATHER for what suits the weather.
        extra: kind -> weight, what else it shows.
        hours: first and last hour of the day.
        days: of the week, "Mon" ... "Sun"; empty for all.
        months: 1 ... 12; empty for all.
        weathers: of `facts.WEATHERS`; empty for all.
        season: first and last [month, day]; empty for all the year.
        needs: what must be so for the account that day, a key of `World._holds` such as "match" or "at home".
        boost: how much more or less often it is tweeted about, where it can happen at all.
        facts: name -> `Choice`, hidden facts that are plainly drawn; `knowledge` computes the others.
        journey: whether it tells of the trip the account is on.
        days_to: month and day that it counts the days to.
    """

    category: str
    settings: dict
    main: dict
    extra: dict
    hours: tuple[int, int] = (9, 20)
    days: tuple = ()
    months: tuple = ()
    weathers: tuple = ()
    season: tuple = ()
    needs: str = ""
    boost: float = 1.0
    facts: dict[str, Choice] = field(default_factory=dict)
    journey: bool = False
    days_to: tuple[int, int] | None = None


TOPICS = read_records("topics.yaml", Topic, facts={"*": Choice})
