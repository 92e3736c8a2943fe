"""Who sees which system's text with which image: a balanced design, by a seed."""

import numpy as np


def assign(raters, items, systems, seed=0):
    """Returns which system's text each rater sees with each image, int (raters, items).

    Each rater sees each image once. Per rater and per image the counts of systems differ by at most one: rater r and
    item i get system (r + i) mod systems, a cyclic Latin square, with the raters, items and systems in an order drawn
    by chance.
    """
    chance = np.random.default_rng(seed)
    of_rater, of_item, of_system = (chance.permutation(count) for count in (raters, items, systems))
    return of_system[(of_rater[:, None] + of_item) % systems]


def orders(raters, length, seed=0):
    """Returns an order of the places 0..length - 1 for each rater, int (raters, length), no two alike if possible."""
    chance, found = np.random.default_rng([seed, 1]), []
    while len(found) < raters:
        order = chance.permutation(length)
        if length > 4 and any(np.array_equal(order, other) for other in found):
            continue
        found.append(order)
    return np.array(found).reshape(raters, length)


def choose_items(categories, count, seed=0):
    """Returns the places of `count` items, sorted, drawn by chance with the categories as evenly as they admit.

    Args:
        categories: the category of each candidate (hashable).
        count: how many; at most as many as there are candidates.
    """
    chance = np.random.default_rng([seed, 2])
    by_category = {}
    for place in chance.permutation(len(categories)):
        by_category.setdefault(categories[place], []).append(int(place))
    chosen = []
    while len(chosen) < count:
        for places in by_category.values():
            if places and len(chosen) < count:
                chosen.append(places.pop())
    return sorted(chosen)
