"""The sample world is one consistent world: its season adds up, people and pets stay who they are, its weather fits."""

from collections import Counter, defaultdict
from datetime import date, timedelta

from img2tweet_tf.sample.facts import CATEGORIES
from img2tweet_tf.sample.kinds import COLOURS, KINDS
from img2tweet_tf.sample.places import CITIES, daytime_at, weather_on
from img2tweet_tf.sample.season import TEAM, Season
from img2tweet_tf.sample.settings import SETTINGS
from img2tweet_tf.sample.world import World


def test_same_seed_same_moments():
    first, again, other = (World(seed).moments("train", 60) for seed in (3, 3, 4))
    assert first == again
    assert first != other


def test_the_moments_of_a_small_sample_are_the_first_of_a_large_one(world, parts):
    assert World(0).moments("train", 400) == parts["train"][:400]
    assert all(World(0).moments(split, len(parts[split])) == parts[split] for split in ("val", "test"))
    days = [moment.time.date() for moment in parts["train"][:60]]
    assert (max(days) - min(days)).days > 270  # even few are spread over all of it


def test_the_parts_follow_each_other_over_a_year(parts, moments):
    days = {split: [moment.time.date() for moment in part] for split, part in parts.items()}
    assert max(days["train"]) < min(days["val"]) and max(days["val"]) < min(days["test"])
    assert timedelta(days=350) < max(days["test"]) - min(days["train"]) < timedelta(days=366)
    assert len(days["test"]) >= 500


def test_the_world_is_filled(moments):
    assert all(count > len(moments) * 0.05 for count in Counter(moment.category for moment in moments).values())
    assert {moment.category for moment in moments} == set(CATEGORIES)
    assert {moment.setting for moment in moments} == set(SETTINGS)
    assert {thing.kind for moment in moments for thing in moment.things} == set(KINDS)
    assert len({moment.hidden["city"] for moment in moments}) >= 30
    assert len({moment.account.handle for moment in moments}) >= 16


def test_pictures_stay_small(moments):
    for moment in moments:
        assert 1 <= len(moment.things) <= 4
        assert 1 <= sum(thing.count for thing in moment.things) <= 6
        assert len({thing.kind for thing in moment.things}) == len(moment.things)
        assert all(thing.colour is None or thing.colour in COLOURS for thing in moment.things)


def test_some_accounts_are_new_in_the_test_part(world, parts):
    seen = {split: {moment.account.handle for moment in part} for split, part in parts.items()}
    newcomers = {account.handle for account in world.accounts if account.test_only}
    assert 2 <= len(newcomers) <= 3
    assert seen["test"] - seen["train"] == newcomers and seen["val"] <= seen["train"]


def test_league_table_is_the_sum_of_the_fixtures():
    season = Season(5)
    points, played, difference = Counter(), Counter(), Counter()
    for match in season.matches:
        played.update((match.home, match.away))
        difference[match.home] += match.home_goals - match.away_goals
        difference[match.away] += match.away_goals - match.home_goals
        for team in (match.home, match.away):
            points[team] += {"win": 3, "draw": 1, "loss": 0}[match.result(team)]
    table = season.table(date(2025, 12, 31))
    added = {(name, played[name], difference[name], points[name]) for name in TEAM}
    assert added == {row[:3] + row[4:] for row in table}
    assert [row[4] for row in table] == sorted((row[4] for row in table), reverse=True)


def test_everyone_plays_everyone_home_and_away_once():
    season = Season(1)
    pairs = Counter((match.home, match.away) for match in season.matches)
    assert len(pairs) == len(TEAM) * (len(TEAM) - 1) and set(pairs.values()) == {1}
    for match in season.matches:
        scored = Counter(side for _, side, _ in match.scorers)
        assert (scored[match.home], scored[match.away]) == (match.home_goals, match.away_goals)
        assert all(any(who in name for name in season.players[side]) for _, side, who in match.scorers)
    days = Counter((team, match.day) for match in season.matches for team in (match.home, match.away))
    assert set(days.values()) == {1}


def test_match_facts_can_be_looked_up(world, moments):
    matches = [moment for moment in moments if moment.topic == "match"]
    assert len(matches) > 20
    for moment in matches:
        facts, team, day = moment.hidden, moment.account.team, moment.time.date()
        match = world.season.on(team, day)
        assert facts["score"] == "{}-{}".format(*match.goals(team))
        assert (facts["opponent"], facts["city"]) == (match.opponent(team), TEAM[match.home].city)
        both = [m for m in world.season.history + world.season.matches if {m.home, m.away} == {team, facts["opponent"]}]
        earlier = [m for m in both if m.day < day]
        assert facts["last_score"] == "{}-{}".format(*earlier[-1].goals(team))
        results = [m.result(team) for m in world.season.matches if team in (m.home, m.away) and m.day <= day]
        if facts["winning"]:
            assert results[-facts["winning"] :] == ["win"] * facts["winning"]


def test_the_score_does_not_show(world):
    """Worlds whose seasons differ, but nothing else, show the same things."""
    other = World(0)
    season = other.season
    turned = {m: type(m)(m.round, m.day, m.home, m.away, m.away_goals, m.home_goals, ()) for m in season.matches}
    season.matches = list(turned.values())
    season.of_team = {team: [turned[match] for match in matches] for team, matches in season.of_team.items()}
    looks = [[(m.things, m.setting, m.weather, m.daytime) for m in w.moments("train", 500)] for w in (world, other)]
    assert looks[0] == looks[1]


def test_club_colours_on_match_days(moments):
    for moment in moments:
        if moment.topic == "match":
            worn = {thing.colour for thing in moment.things if thing.kind in ("scarf", "flag", "shirt")}
            assert worn <= {TEAM[moment.account.team].colour}


def test_pets_never_change_their_kind(moments):
    kinds = defaultdict(set)
    for moment in moments:
        if moment.category == "pets":
            kinds[moment.account.handle, moment.hidden["pet"]].add(moment.things[0].kind)
    assert len(kinds) >= 8 and all(len(kind) == 1 for kind in kinds.values())


def test_birthdays_come_back_on_the_same_day(world, moments):
    found = 0
    for moment in moments:
        if moment.topic == "birthday":
            born, _ = world.happenings.birthdays[moment.account.handle][moment.hidden["person"]]
            day = moment.time.date()
            assert (born.month, born.day) == (day.month, day.day)
            assert moment.hidden["age"] == day.year - born.year
            found += 1
    assert found > 20
    account = next(a for a in world.accounts if a.voice == "planner")
    today = next(iter(world.happenings.birthdays[account.handle].values()))[0]
    ages = [dict((n, a) for n, a, _ in world.happenings.born_on(account, today.replace(year=y))) for y in (2024, 2025)]
    assert ages[0].keys() == ages[1].keys() and all(ages[1][name] == ages[0][name] + 1 for name in ages[0])


def test_holidays_fall_on_their_days(moments):
    for moment in moments:
        if moment.topic == "xmas":
            assert moment.time.month == 12 and moment.hidden.get("days", 0) == max(0, 25 - moment.time.day)
        if moment.topic == "halloween":
            assert moment.time.month == 10
        if moment.topic == "newyear":
            assert (moment.time.month, moment.time.day) in ((12, 30), (12, 31), (1, 1), (1, 2))


def test_weather_fits_the_climate(moments):
    july = [date(2024, 7, day) for day in range(1, 32)]
    for name in ("Lisbon", "Athens", "Marrakesh", "Havana", "Leeds"):
        assert "snow" not in {weather_on(seed, CITIES[name], day)[0] for seed in range(5) for day in july}
    winter = [date(2025, 1, day) for day in range(1, 32)]
    assert "snow" in {weather_on(0, CITIES["Oslo"], day)[0] for day in winter}
    assert "snow" not in {weather_on(0, CITIES["Melbourne"], day)[0] for day in winter}
    sky = defaultdict(set)
    for moment in moments:
        sky[moment.hidden["city"], moment.time.date()].add((moment.weather, moment.hidden["temperature"]))
    assert all(len(weather) == 1 for weather in sky.values())


def test_nights_are_long_in_winter_and_short_in_summer(moments):
    first = next(m.time for m in moments)
    evening = first.replace(month=12, day=20, hour=17), first.replace(month=6, day=20, hour=17)
    assert [daytime_at(CITIES["Helsinki"], time) for time in evening] == ["night", "day"]


def test_running_counts_grow_by_the_day_however_many_moments_there_are(moments):
    visits = defaultdict(list)
    for moment in sorted(moments, key=lambda moment: moment.time):
        if "visits" in moment.hidden:
            visits[moment.account.handle, moment.hidden["place"]].append((moment.time.date(), moment.hidden["visits"]))
        if "tally" in moment.hidden:
            shown = {thing.kind: thing.count for thing in moment.things}
            assert moment.hidden["tally"] >= shown[moment.hidden["tally_of"]]
    counts = [[count for _, count in of_place] for of_place in visits.values()]
    assert all(of_place == sorted(of_place) for of_place in counts)
    assert all(len(dict(of_place)) == len(set(of_place)) for of_place in visits.values())  # one number a day
    assert sum(of_place[0] < of_place[-1] for of_place in counts) > 20


def test_delay_of_the_week_is_the_sum_of_its_days(world, moments):
    for moment in moments:
        if moment.topic == "train":
            day = moment.time.date()
            week = [day - timedelta(days=back) for back in range(day.weekday() + 1)]
            total = sum(world.happenings.delay(moment.hidden["line"], d) for d in week)
            assert moment.hidden["delay_week"] == total
