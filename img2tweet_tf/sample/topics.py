"""What tweets are about: `TOPICS`, one record each in `data/topics.yaml`."""

from dataclasses import dataclass

from img2tweet_tf.sample.yaml_files import read_records


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
        boost: how much more or less often it is tweeted about, where it can happen at all.
    """

    category: str
    settings: dict
    main: dict
    extra: dict
    hours: tuple[int, int] = (9, 20)
    days: tuple = ()
    months: tuple = ()
    weathers: tuple = ()
    boost: float = 1.0


TOPICS = read_records("topics.yaml", Topic)
