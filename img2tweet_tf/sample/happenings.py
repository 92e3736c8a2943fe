"""What happens in the sample world besides football: festivals, tours, gigs, trips, birthdays, and invented names."""

from datetime import date, timedelta
from random import Random

from img2tweet_tf.sample.people import ACCOUNTS
from img2tweet_tf.sample.places import CITIES, NAMES

FIRST_DAY = date(2024, 6, 15)
LAST_DAY = date(2025, 6, 14)

# from and to, of an account's people; others are of middle age
AGES = {"child": (3, 9), "grandson": (8, 14), "mum": (55, 80), "dad": (55, 80), "sister": (55, 80)}
DISTANT = ("councillor", "reporter", "prof", "rival", "vet")  # nobody knows their birthdays


class Happenings:
    """The dated events of one world, from a seed (an integer). Everything can be looked up by day."""

    def __init__(self, seed):
        self.seed = seed
        self.tours = {band: self._tour(band) for band in NAMES["bands"]}
        self.trips = {account.handle: self._trips(account) for account in ACCOUNTS}
        self.birthdays = {account.handle: self._birthdays(account) for account in ACCOUNTS}

    def _rng(self, *parts):
        return Random("/".join(str(part) for part in (self.seed, *parts)))

    def _tour(self, band):
        """{day: (city, venue, night of the tour)}: four legs of gigs with a day off now and then."""
        rng, gigs = self._rng("tour", band), {}
        towns = [city.name for city in CITIES.values() if city.climate not in ("humid", "tropical", "dry")]
        first = FIRST_DAY + timedelta(days=rng.randint(2, 20))
        for day, count in ((first, 26), (date(2024, 10, 1), 34), (date(2025, 2, 10), 30), (date(2025, 4, 25), 28)):
            rng.shuffle(towns)
            for town in towns[:count]:
                gigs[day] = (town, rng.choice(NAMES["venues"]), len(gigs) + 1)
                day += timedelta(days=rng.choice((1, 1, 1, 2)))
        return gigs

    def _trips(self, account):
        """[(first day, last day, city, companion)], in order and apart."""
        rng, trips, names = self._rng("trips", account.handle), [], [name for name in CITIES if name != account.city]
        near = [name for name in names if CITIES[name].coast or CITIES[name].mountains]
        for i in range(account.trips):
            span = 364 // account.trips
            length = rng.randint(3, max(3, min(10, span - 6)))
            first = FIRST_DAY + timedelta(days=i * span + rng.randint(2, max(2, span - length - 3)))
            city = rng.choice(near if rng.random() < 0.8 else names)
            trips.append((first, first + timedelta(days=length), city, rng.choice(account.friends)))
        return trips

    def _birthdays(self, account):
        """{name: (date of birth, relation)} of the people an account knows."""
        rng, known = self._rng("birthdays", account.handle), {}
        for relation, names in account.people.items():
            for name in (names,) if isinstance(names, str) else names:
                if relation not in DISTANT:
                    known[name] = (_born(rng, AGES.get(relation, (22, 58))), relation)
        for name in account.friends:
            known.setdefault(name, (_born(rng, (20, 60)), "friend"))
        others = account.acquaintances
        for name in rng.sample(NAMES["acquaintances"], others.birthdays):
            known.setdefault(name, (_born(rng, others.ages), others.relation))
        return known

    def trip(self, account, day):
        """The trip an account is on that day, or None."""
        return next((trip for trip in self.trips[account.handle] if trip[0] <= day <= trip[1]), None)

    def next_trip(self, account, day):
        """The trip that starts on or within a day after `day`, or None."""
        return next((trip for trip in self.trips[account.handle] if 0 <= (trip[0] - day).days <= 1), None)

    def born_on(self, account, day):
        """[(name, age, relation)] of those the account knows whose birthday it is."""
        return [
            (name, day.year - born.year, relation)
            for name, (born, relation) in self.birthdays[account.handle].items()
            if (born.month, born.day) == (day.month, day.day)
        ]

    def gig(self, city, day):
        """(band, venue, song, night of the tour or 0) playing in a city (a name) that night: always the same one."""
        for band, tour in self.tours.items():
            town, venue, night = tour.get(day, (None, None, 0))
            if town == city:
                return band, venue, self._rng("encore", band, day).choice(NAMES["bands"][band]["songs"]), night
        rng = self._rng("gig", city, day)
        band = rng.choice(self.of_city("bands", city, NAMES["local_bands"], 3))
        venue = rng.choice(self.of_city("venues", city, NAMES["venues"], 3))
        return band, venue, rng.choice(NAMES["songs"]), 0

    def times_before(self, account, what, day):
        """How often an account has been somewhere, or has seen a kind, since the first day and before `day`."""
        rng = self._rng("times", account.handle, what)
        share = rng.uniform(0.02, 0.2)
        return sum(rng.random() < share for _ in range((day - FIRST_DAY).days))

    def of_city(self, what, city, names, count):
        """The `count` of `names` that a city has, in a fixed order, for example its woods."""
        return self._rng(what, city).sample(names, min(count, len(names)))

    def festival(self, city, day):
        """The festival of a city in these days (half a month), a record of `names.yaml`, or None."""
        found = NAMES["festivals"].get(city)
        return found if found and day.month == found["month"] and day.day >= 12 else None

    def delay(self, line, day):
        """Minutes that a railway line runs late on a day."""
        return self._rng("delay", line, day).choice((0, 4, 6, 7, 9, 11, 12, 14, 18, 23, 27, 34, 41, 58))

    def delay_week(self, line, day):
        """Minutes lost on a line from Monday up to `day`."""
        monday = day - timedelta(days=day.weekday())
        return sum(self.delay(line, monday + timedelta(days=i)) for i in range((day - monday).days + 1))


def _born(rng, years):
    return date(2025 - rng.randint(*years), rng.randint(1, 12), rng.randint(1, 28))
