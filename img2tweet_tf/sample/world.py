"""The sample world: makes moments, one account, place, picture and set of hidden facts each, over one year.

`World(seed).moments(count)` is sorted by time, and the same seed gives the same moments. What the camera sees and what
only the writer knows are drawn from separate streams, so no score or delay shapes a picture.
"""

import math
from datetime import datetime, timedelta
from random import Random

from img2tweet_tf.sample.choosing import choose_setting, choose_things, weighted
from img2tweet_tf.sample.facts import Moment
from img2tweet_tf.sample.happenings import FIRST_DAY, LAST_DAY, Happenings
from img2tweet_tf.sample.knowledge import WEEKDAYS, Knowledge, born_on
from img2tweet_tf.sample.people import ACCOUNTS
from img2tweet_tf.sample.places import CITIES, daytime_at, mean_temperature, weather_on
from img2tweet_tf.sample.season import TEAM, Season
from img2tweet_tf.sample.settings import INDOORS
from img2tweet_tf.sample.topics import TOPICS


def split_of(index, count):
    """The split of moment `index` of `count`, by time: the first 80 % train, the next 10 % val, the last 10 % test."""
    if index < _cut(count, 8):
        return "train"
    return "val" if index < _cut(count, 9) else "test"


def _cut(count, tenths):
    return math.ceil(count * tenths / 10)


class World:
    """One consistent world from a seed (an integer): its `season`, `happenings`, `accounts`."""

    def __init__(self, seed):
        self.seed = seed
        self.accounts = ACCOUNTS
        self.season = Season(seed)
        self.happenings = Happenings(seed)
        self._of_day = None, []

    def moments(self, count):
        """`count` moments (a list of `Moment`) in order of time; test-only accounts come in the last tenth alone."""
        days = (LAST_DAY - FIRST_DAY).days + 1
        dates = [FIRST_DAY + timedelta(days=index * days // count) for index in range(count)]
        cut = _cut(count, 9)
        border = dates[cut] if cut < count else LAST_DAY
        plans, used = [], {}
        for index, day in enumerate(dates):
            rng = Random(f"{self.seed}/plan/{index}")
            pool = self._pool(day, day > border, used)
            account, topic = weighted(pool, rng)
            used[account.handle, topic, day] = used.get((account.handle, topic, day), 0) + 1
            plans.append((self._time(account, topic, day, rng), index, account, topic))
        plans.sort(key=lambda plan: plan[:2])
        knowledge = Knowledge(self)
        return [self._moment(time, index, account, topic, knowledge) for time, index, account, topic in plans]

    def where(self, account, day):
        """The city (a name) an account is in on a day: on tour, at an away match, on a trip or at home."""
        band = account.band
        if band and day in self.happenings.tours[band]:
            return self.happenings.tours[band][day][0]
        trip = self.happenings.trip(account, day)
        return trip[2] if trip else account.city

    def _pool(self, day, late, used):
        """Weights of what may be tweeted next on a day: (account, topic) -> weight; what was tweeted already, less."""
        return {
            (account, topic): weight * 0.2 ** used.get((account.handle, topic, day), 0)
            for account, topic, weight in self._possible(day)
            if late or not account.test_only
        }

    def _possible(self, day):
        """[(account, topic, weight)] of all that can happen on a day; the last day asked for is kept."""
        if self._of_day[0] != day:
            found = []
            for account in self.accounts:
                for topic, weight in account.topics.items():
                    weight *= account.rate / sum(account.topics.values()) * self._chance(account, topic, day)
                    if weight > 0:
                        found.append((account, topic, weight))
            self._of_day = day, found
        return self._of_day[1]

    def _chance(self, account, topic, day):
        """How likely an account tweets about a topic on a day, 0 for impossible."""
        spec, happenings = TOPICS[topic], self.happenings
        city, trip = CITIES[self.where(account, day)], happenings.trip(account, day)
        if spec.months and day.month not in spec.months or spec.days and WEEKDAYS[day.weekday()][:3] not in spec.days:
            return 0
        if spec.weathers and weather_on(self.seed, city, day)[0] not in spec.weathers:
            return 0
        at_home = city.name == account.city
        team = account.team
        match = self.season.on(team, day) if team else None
        coming = self.season.next(team, day) if team else None
        possible = {
            "match": bool(match and not trip),
            "prematch": bool(coming and (coming.day - day).days <= 3 and not match and at_home),
            "offseason": bool(team and at_home and not match and (coming is None or (coming.day - day).days > 3)),
            "depart": bool(happenings.next_trip(account, day))
            or (account.tells_of_return and bool(trip) and day == trip[1]),
            "beach": city.coast and mean_temperature(city, day) > 15,
            "mountains": city.mountains and mean_temperature(city, day) > 2 and (not at_home or day.weekday() > 4),
            "harbour": city.coast,
            "sights": not at_home,
            "gig": bool(account.band) and day in happenings.tours.get(account.band, {}),
            "loadin": bool(account.band) and day in happenings.tours.get(account.band, {}),
            "pubgig": not (account.band and day in happenings.tours[account.band]),
            "birthday": bool(happenings.born_on(account, day)),
            "petday": any(born_on(pet, day) for pet in account.pets.values()),
            "pet": at_home,
            "petwalk": at_home or account.pet_travels,
            "xmas": day.day <= 26,
            "halloween": day.day >= 17,
            "fest": bool(happenings.festival(city.name, day)),
            "newyear": (day.month, day.day) in ((12, 30), (12, 31), (1, 1), (1, 2)),
        }
        if (
            topic in ("train", "bus", "desk", "road", "practice", "kids", "leaving", "breakfast")
            and not account.same_away
            and not at_home
        ):
            return 0
        return spec.boost * possible.get(topic, True)

    def _time(self, account, topic, day, rng):
        first, last = account.hours.get(topic, TOPICS[topic].hours)
        return datetime(day.year, day.month, day.day, rng.randint(first, last), rng.randrange(60))

    def _moment(self, time, index, account, topic, knowledge):
        seen = Random(f"{self.seed}/seen/{index}")
        day, spec = time.date(), TOPICS[topic]
        team = account.team
        hidden = knowledge.facts(account, topic, time, Random(f"{self.seed}/known/{index}"))
        city = CITIES[hidden["city"]]
        weather, _ = weather_on(self.seed, city, day)
        daytime = daytime_at(city, time)
        setting = choose_setting(topic, seen)
        pet_kind = account.pets[hidden["pet"]].kind if "pet" in hidden and "PET" in spec.main else None
        if pet_kind in ("goldfish", "turtle", "parrot", "cat", "black cat") and topic == "petwalk":
            setting = "garden"
        things = choose_things(topic, account, weather, seen, pet_kind, TEAM[team].colour if team else None)
        if setting in INDOORS:
            things = [thing for thing in things if thing.kind not in ("rainbow", "snowman")] or things[:1]
        elif weather != "snow":
            things = [thing for thing in things if thing.kind != "snowman" or thing is things[0]]
        knowledge.count(account, topic, things, hidden)
        return Moment(account, time, spec.category, topic, setting, weather, daytime, things, hidden)
