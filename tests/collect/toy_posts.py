"""Toy posts for tests: pairs of some accounts, a post an hour, as the local server serves them."""

from datetime import datetime, timedelta

from conftest import write_toy_pairs

from img2tweet_tf.datasets import load_pairs

START = datetime.fromisoformat("2026-05-01T08:00:00+00:00")


def toy_posts(folder, accounts=3, each=8, start=START):
    """Writes a pairs folder of posts, and returns its `Pairs`: accounts alice0, alice1, ..., so many posts of each."""
    records = [
        {
            "id": f"a{account}-p{place}", "image": f"images/a{account}-p{place}.png", "account": f"alice{account}",
            "text": f"day {place} & counting #tram{account}", "captions": [f"a tram, number {place}"], "lang": "en",
            "created_at": (start + timedelta(hours=place, minutes=account)).isoformat(),
        }
        for account in range(accounts)
        for place in range(each)
    ]  # fmt: skip
    return load_pairs(write_toy_pairs(folder, records))
