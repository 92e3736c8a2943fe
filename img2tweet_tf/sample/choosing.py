"""Chooses what a moment shows, by its topic and its account: the setting, the things, how many, their colours."""

from img2tweet_tf.sample.facts import Thing
from img2tweet_tf.sample.kinds import KINDS
from img2tweet_tf.sample.settings import WEATHERS
from img2tweet_tf.sample.topics import TOPICS

LIMIT = 6


def choose_setting(topic, rng):
    """One of the topic's settings."""
    return weighted(TOPICS[topic].settings, rng)


def choose_things(topic, account, weather, rng, pet_kind=None, colour=None):
    """What a moment shows: 1 to 4 `Thing`s of the topic, most important first, `LIMIT` individuals at most.

    Args:
        topic: a key of `TOPICS`.
        account: the `Account`, who favours and colours things.
        weather: of `facts.WEATHERS`.
        rng: a `random.Random`.
        pet_kind: the kind of the pet it is about, or None.
        colour: the club colour, or None.
    """
    spec = TOPICS[topic]
    kinds = []
    for step in range(1 + rng.choices((0, 1, 2, 3), (2, 5, 3, 1))[0]):
        pool = dict(spec.main if step == 0 else spec.extra)
        if "PET" in pool:
            pool = {pet_kind: 1}
        if "WEATHER" in pool:
            pool = dict(WEATHERS[weather].suits)
        for kind in account.likes:
            if kind in pool:
                pool[kind] *= 2.5
        free = [kind for kind in pool if kind not in kinds and KINDS[kind].only_in in (None, weather)]
        if free:
            kinds.append(weighted({kind: pool[kind] for kind in free}, rng))
    things, left = [], LIMIT
    for place, kind in enumerate(kinds):
        others = len(kinds) - place - 1
        most = min(KINDS[kind].most if kind != pet_kind else 1, max(1, left - others), 4)
        count = rng.choices(range(1, most + 1), [1 / (i + 0.6) for i in range(most)])[0]
        if count > left:
            break
        left -= count
        things.append(Thing(kind, count, choose_colour(kind, topic, account, rng, colour)))
    return things


def choose_colour(kind, topic, account, rng, club_colour):
    """The colour of a kind: the club's, the account's own, or one it comes in; None for a kind of one colour."""
    if not KINDS[kind].comes_in:
        return None
    if TOPICS[topic].category == "football" and KINDS[kind].club and club_colour:
        return club_colour
    if kind in account.own and rng.random() < 0.85:
        return account.own[kind]
    colours = KINDS[kind].comes_in
    return rng.choices(colours, [1 / (i + 2) for i in range(len(colours))])[0]


def weighted(pool, rng):
    """Draws a key of `pool` (key -> weight)."""
    return rng.choices(list(pool), list(pool.values()))[0]
