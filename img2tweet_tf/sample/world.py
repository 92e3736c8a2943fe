"""The sample world: makes moments, one account, place, picture and set of hidden facts each, over one year.

The same seed gives the same moments, and a moment depends on nothing but its part and its number in it: those of a
small sample are among those of a larger one. What the camera sees and what only the writer knows are drawn from
separate streams, so no score or delay shapes a picture.
"""

from collections import Counter
from datetime import date, datetime, timedelta
from random import Random

from img2tweet_tf.sample.facts import Moment
from img2tweet_tf.sample.happenings import FIRST_DAY, LAST_DAY, Happenings
from img2tweet_tf.sample.kinds import KINDS
from img2tweet_tf.sample.knowledge import Knowledge, born_on, weekday
from img2tweet_tf.sample.people import ACCOUNTS
from img2tweet_tf.sample.places import CITIES, daytime_at, mean_temperature, weather_on
from img2tweet_tf.sample.season import TEAM, Season
from img2tweet_tf.sample.settings import INDOORS
from img2tweet_tf.sample.topics import TOPICS, choose_things, weighted

PARTS = {  # first and last day of each part of the year
    "train": (FIRST_DAY, date(2025, 4, 2)),
    "val": (date(2025, 4, 3), date(2025, 5, 8)),
    "test": (date(2025, 5, 9), LAST_DAY),
}
HELD_OUT = {"val": 200, "test": 600}  # moments of these parts, however many are trained on
_GOLDEN = (5**0.5 - 1) / 2


class World:
    """One consistent world from a seed (an integer): its `season`, `happenings`, `accounts`."""

    def __init__(self, seed):
        self.seed = seed
        self.accounts = ACCOUNTS
        self.season = Season(seed)
        self.happenings = Happenings(seed)
        self._of_day = {}

    def moments(self, split, count):
        """The first `count` moments (a list of `Moment`) of "train", "val" or "test"; new accounts in "test" alone."""
        knowledge, used = Knowledge(self), Counter()
        return [self._moment(split, index, used, knowledge) for index in range(count)]

    def where(self, account, day):
        """The city (a name) an account is in on a day: on tour, at an away match, on a trip or at home."""
        tour, trip = self.happenings.tours.get(account.band, {}), self.happenings.trip(account, day)
        if day in tour:
            return tour[day][0]
        return trip[2] if trip else account.city

    def _possible(self, day):
        """[(account, topic, weight)] of all that can happen on a day."""
        if day not in self._of_day:
            self._of_day[day] = [
                (account, topic, weight * account.rate / sum(account.topics.values()) * TOPICS[topic].boost)
                for account in self.accounts
                for topic, weight in account.topics.items()
                if self._can_happen(account, topic, day)
            ]
        return self._of_day[day]

    def _can_happen(self, account, topic, day):
        spec, city = TOPICS[topic], CITIES[self.where(account, day)]
        return (
            (not spec.months or day.month in spec.months)
            and (not spec.season or _within(day, *spec.season))
            and (not spec.days or weekday(day)[:3] in spec.days)
            and (not spec.weathers or weather_on(self.seed, city, day)[0] in spec.weathers)
            and (not spec.needs or self._holds(spec.needs, account, city, day))
        )

    def _holds(self, need, account, city, day):
        """Whether what a topic needs is so for an account, in a `City`, on a day."""
        happenings, at_home, trip = self.happenings, city.name == account.city, self.happenings.trip(account, day)
        on_tour = day in happenings.tours.get(account.band, {})
        match, coming = self.season.on(account.team, day), self.season.next(account.team, day)
        soon = coming and (coming.day - day).days <= 3
        going_home = account.tells_of_return and trip and day == trip[1]
        return {
            "match": match and not trip,
            "match soon": soon and not match and at_home,
            "no match": account.team and at_home and not match and not soon,
            "departure": happenings.next_trip(account, day) or going_home,
            "warm coast": city.coast and mean_temperature(city, day) > 15,
            "coast": city.coast,
            "mountains": city.mountains and mean_temperature(city, day) > 2 and (not at_home or day.weekday() > 4),
            "home": at_home,
            "everyday life": at_home or account.same_away,
            "away": not at_home,
            "on tour": on_tour,
            "not on tour": not on_tour,
            "birthday": happenings.born_on(account, day),
            "birthday of a pet": any(born_on(pet, day) for pet in account.pets.values()),
            "pet along": at_home or account.pet_travels,
            "festival": happenings.festival(city.name, day),
        }[need]

    def _moment(self, split, index, used, knowledge):
        """Makes one moment; `used` counts what each account has tweeted about on each day, and goes up by it."""
        plan, seen, known = (Random(f"{self.seed}/{split}/{part}/{index}") for part in ("plan", "seen", "known"))
        first, last = PARTS[split]
        days = (last - first).days + 1
        day = first + timedelta(days=int(days * (index * _GOLDEN % 1)))  # spread evenly from few on
        possible = {
            (account, topic): weight * 0.2 ** used[account.handle, topic, day]
            for account, topic, weight in self._possible(day)
            if split == "test" or not account.test_only
        }
        account, topic = weighted(possible, plan)
        used[account.handle, topic, day] += 1
        spec, team = TOPICS[topic], account.team
        hours = account.hours.get(topic, spec.hours)
        time = datetime(day.year, day.month, day.day, plan.randint(*hours), plan.randrange(60))
        hidden = knowledge.facts(account, topic, time, known)
        city = CITIES[hidden["city"]]
        weather, _ = weather_on(self.seed, city, day)
        setting = weighted(spec.settings, seen)
        pet_kind = account.pets[hidden["pet"]].kind if "pet" in hidden and "PET" in spec.main else None
        if pet_kind and KINDS[pet_kind].homely and setting not in INDOORS:
            setting = "garden"
        things = choose_things(topic, account, weather, seen, pet_kind, TEAM[team].colour if team else None)
        hidden |= knowledge.counts(account, things, hidden, day)
        return Moment(account, time, spec.category, topic, setting, weather, daytime_at(city, time), things, hidden)


def _within(day, first, last):
    """Whether a day lies in a season, from (month, day) to (month, day), perhaps over the turn of the year."""
    today, first, last = (day.month, day.day), tuple(first), tuple(last)
    return first <= today <= last if first <= last else today >= first or today <= last
