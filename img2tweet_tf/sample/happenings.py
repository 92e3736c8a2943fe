"""What happens in the sample world besides football: festivals, tours, gigs, trips, birthdays, and invented names."""

from datetime import date, timedelta
from random import Random

from img2tweet_tf.sample.people import ACCOUNTS, ACQUAINTANCES
from img2tweet_tf.sample.places import CITIES

FIRST_DAY = date(2024, 6, 15)
LAST_DAY = date(2025, 6, 14)

TOURING = {
    "The Velvet Ferrets": (
        "Teeth Optional",
        ("Motorway Heart", "Sorry Deborah", "Nine Volt Lover", "Cardigan", "Wrong Bus"),
    ),
    "Salt & Vinegar Sisters": ("Open All Hours", ("Last Orders", "Saltwater Rosie", "Bingo Wings", "Paper Boats")),
    "Midnight Laundry": ("Spin Cycle", ("Odd Socks", "Quarter Past Two", "Delicate", "Neon Basket")),
    "Tiny Cathedrals": ("Small Hours", ("Bell Tower", "Candle Wax", "Holy Minimart", "Echo, Echo")),
}
LOCAL_BANDS = (
    "Dad's Printer",
    "The Unpaid Interns",
    "Moth Committee",
    "Gravel Choir",
    "Lamp Lamp Lamp",
    "Soft Furniture",
    "Aunt Disco",
    "The Wet Bandages",
    "Pigeon Parliament",
    "Clementine & the Tax",
    "Half a Horse",
    "Trolley Problem",
    "Cousin Static",
    "Beige Riot",
)
SONGS = (
    "Ferry Lights",
    "Please Hold",
    "Kitchen Tango",
    "Rust",
    "Your Mother's Car",
    "Two Pints of Rain",
    "Slow Escalator",
    "Grapefruit",
    "The Plumber's Waltz",
    "Winter in B Flat",
    "Tuesday Again",
    "Sleepless in Row F",
    "Eight Legs",
    "Blue Kettle",
    "Goodbye Gary",
)
VENUES = (
    "the Boiler Room",
    "the Tin Hat",
    "Hall Nine",
    "the Sailor's Elbow",
    "the Old Bakery",
    "Cellar 44",
    "the Moonlit Goat",
    "the Annexe",
    "Gasworks",
    "the Lido",
)
EATERIES = (
    "Casa Nube",
    "the Greasy Otter",
    "Little Plum",
    "Bistro Onze",
    "Nonna Wren",
    "the Copper Spoon",
    "Maison Poireau",
    "Kiosk 12",
    "the Second Breakfast",
    "Umami Corner",
    "Salt House",
    "Tante Bep",
    "the Lazy Ladle",
    "Pan & Pigeon",
    "Otto's",
    "Fig & Fury",
)
CHEFS = ("Ximena", "Bertil", "Oriane", "Goran", "Mirela", "Haruto", "Fabrizia", "Stig", "Leocadia", "Pascaline")
STALLS = ("Hamid", "old Griet", "the Kowalski twins", "Nives", "Big Sandra", "Tadeo", "Mrs Abernethy", "Renzo")
WOODS = (
    "Foxholt Wood",
    "Hanger Copse",
    "the Dimmel",
    "Priory Wood",
    "Crackwillow",
    "Long Spinney",
    "Nine Oaks",
    "Bramble Hill",
)
PARKS = (
    "Lime Walk Park",
    "the Mere",
    "Canal Gardens",
    "Victory Park",
    "Swanpool",
    "Kettle Pond",
    "the Bandstand Park",
    "Millfields",
)
FARMS = ("Pasture End", "Windle Farm", "Hollybush Farm", "Muckle Farm", "Lower Clatter", "Thornygate")
FARMERS = ("Hubert", "Agnethe", "Wilf", "Corrie", "Mrs Bland", "Jannik")
PEAKS = (
    ("Grey Widow", 1873),
    ("the Anvil", 2214),
    ("Saint Olga's Tooth", 2670),
    ("Old Baldy Ned", 986),
    ("the Sleeping Cow", 1442),
    ("Monte Perso", 3012),
    ("Crow Stair", 1120),
    ("the Needlebox", 2385),
)
BOATS = (
    "Queen Ottilie",
    "Stubborn Margaret",
    "Blue Heron",
    "Lady Prudence",
    "Nordlys II",
    "Santa Ropa",
    "Wee Betty",
    "Gullwing",
)
BEACHES = (
    "Praia do Gato",
    "Shell Bay",
    "Long Sands",
    "Cala Perduda",
    "Playa Ronca",
    "Lantern Cove",
    "Seven Mile Bay",
    "Platja Petita",
)
DISTRICTS = (
    "the old quarter",
    "Bell Square",
    "the tanners' street",
    "the glass arcade",
    "the river steps",
    "Lantern Hill",
    "the clock gate",
    "the customs house",
)
LINES = ("Crossvale", "Norwest", "Greyline", "Orbital", "Valley", "Link Express")
EXCUSES = (
    "a swan on the line",
    "signal failure",
    "a missing driver",
    "the wrong kind of sunlight",
    "a suspicious sandwich",
    "leaves",
    "a door with feelings",
    "overrunning works",
    "a software update",
    "a cow near Tamley",
    "late arrival of an earlier delay",
    "staff shortages",
)
ROADS = (
    "the A404",
    "Gasholder Lane",
    "Brook Street",
    "the ring road",
    "Tannery Bridge",
    "Mill Hill",
    "Cathedral Road",
    "the B27",
)
STREETS = (
    "Kastanjelaan",
    "Dijkweg",
    "Tannery Row",
    "Oudegracht",
    "Station Road",
    "Molenpad",
    "Brook Lane",
    "Quay Street",
)
FESTIVALS = {
    "Leeds": ("Lantern Mile", 10, 2003),
    "Kyoto": ("Paper Moon Night", 8, 1961),
    "Nottingham": ("Bobbin Fair", 9, 1998),
    "Bristol": ("Balloonacy", 8, 2009),
    "Lisbon": ("Noite das Sardas", 6, 1987),
    "Birmingham": ("Canal of Light", 11, 2011),
    "Copenhagen": ("Harbour Hum", 7, 2013),
    "Glasgow": ("the Clatter", 5, 2006),
    "Norwich": ("Reed & Fire", 5, 1994),
    "Ghent": ("Nacht van de Vlag", 7, 2001),
    "Cardiff": ("Dragon Picnic", 5, 1979),
    "Newcastle": ("Keel Parade", 6, 1955),
    "Dublin": ("Heron Week", 3, 1992),
    "Milan": ("Festa del Tram", 4, 2010),
    "Vienna": ("Waltz Mile", 6, 1984),
    "Madrid": ("Feria del Globo", 5, 1972),
    "Utrecht": ("Bell Night", 4, 2007),
    "Belfast": ("the Linen Ball", 5, 2012),
    "Melbourne": ("Tramarama", 2, 2015),
    "Gothenburg": ("Midsummer on the Quay", 6, 1968),
}
COMPANIES = (
    "accounts",
    "the third floor",
    "payroll",
    "the print room",
    "reception",
    "the lab",
    "the front desk",
    "night shift",
)


class Happenings:
    """The dated events of one world, from a seed (an integer). Everything can be looked up by day."""

    def __init__(self, seed):
        self.seed = seed
        self.tours = {band: self._tour(band) for band in TOURING}
        self.trips = {account.handle: self._trips(account) for account in ACCOUNTS}
        self.birthdays = {account.handle: self._birthdays(account) for account in ACCOUNTS}

    def _rng(self, *parts):
        return Random("/".join(str(part) for part in (self.seed, *parts)))

    def _tour(self, band):
        """{day: (city, venue, night of the tour)}: three legs of gigs with a day off now and then."""
        rng, gigs, night = self._rng("tour", band), {}, 0
        towns = [
            city.name
            for city in CITIES.values()
            if city.climate in ("oceanic", "continental", "mediterranean", "nordic", "mild")
        ]
        for start, count in (
            (FIRST_DAY + timedelta(days=rng.randint(2, 20)), 26),
            (date(2024, 10, 1), 34),
            (date(2025, 2, 10), 30),
            (date(2025, 4, 25), 28),
        ):
            rng.shuffle(towns)
            day = start
            for town in towns[:count]:
                night += 1
                gigs[day] = (town, rng.choice(VENUES), night)
                day += timedelta(days=rng.choice((1, 1, 1, 2)))
        return gigs

    def _trips(self, account):
        """[(first day, last day, city, companion)], in order and apart."""
        rng, trips = self._rng("trips", account.handle), []
        count, names = account.habits["trips"], [name for name in CITIES if name != account.city]
        near = [name for name in names if CITIES[name].coast or CITIES[name].mountains]
        for i in range(count):
            span = 364 // count
            length = rng.randint(3, max(3, min(10, span - 6)))
            first = FIRST_DAY + timedelta(days=i * span + rng.randint(2, max(2, span - length - 3)))
            city = rng.choice(near if rng.random() < 0.8 else names)
            trips.append((first, first + timedelta(days=length), city, rng.choice(account.habits["friends"])))
        return trips

    def _birthdays(self, account):
        """{name: (date of birth, relation)} of the people an account knows."""
        rng, known = self._rng("birthdays", account.handle), {}
        for relation, names in account.habits["people"].items():
            for name in (names,) if isinstance(names, str) else names:
                if relation not in ("councillor", "reporter", "prof", "rival", "vet"):
                    years = (
                        (3, 9)
                        if relation == "child"
                        else (8, 14)
                        if relation == "grandson"
                        else (55, 80)
                        if relation in ("mum", "dad", "sister")
                        else (22, 58)
                    )
                    known[name] = (_born(rng, years), relation)
        for name in account.habits["friends"]:
            known.setdefault(name, (_born(rng, (20, 60)), "friend"))
        for name in rng.sample(ACQUAINTANCES, account.habits.get("birthdays", 3)):
            years = (3, 9) if account.voice == "parent" else (18, 24) if account.voice == "student" else (1, 90)
            known.setdefault(name, (_born(rng, years), "client" if account.voice == "planner" else "friend"))
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
            if day in tour and tour[day][0] == city:
                return band, tour[day][1], self._rng("encore", band, day).choice(TOURING[band][1]), tour[day][2]
        rng = self._rng("gig", city, day.isoformat())
        local = self._rng("bands", city).sample(LOCAL_BANDS, 3)
        return rng.choice(local), self._rng("venues", city).sample(VENUES, 3)[rng.randrange(3)], rng.choice(SONGS), 0

    def of_city(self, what, city, names, count=4):
        """The `count` of `names` that a city has, in a fixed order, for example its woods."""
        return self._rng(what, city).sample(names, min(count, len(names)))

    def festival(self, city, day):
        """(name, edition, first year) of the festival of a city in these days (half a month), or None."""
        if city in FESTIVALS:
            name, month, first = FESTIVALS[city]
            if day.month == month and day.day >= 12:
                return name, day.year - first + 1, first
        return None

    def delay(self, line, day):
        """Minutes that a railway line runs late on a day."""
        rng = self._rng("delay", line, day.isoformat())
        return rng.choice((0, 4, 6, 7, 9, 11, 12, 14, 18, 23, 27, 34, 41, 58))

    def delay_week(self, line, day):
        """Minutes lost on a line from Monday up to `day`."""
        monday = day - timedelta(days=day.weekday())
        return sum(self.delay(line, monday + timedelta(days=i)) for i in range((day - monday).days + 1))


def _born(rng, years):
    return date(2025 - rng.randint(*years), rng.randint(1, 12), rng.randint(1, 28))
