"""The pointing game: the right words are judged, and maps that point right, wrong or nowhere score so."""

import json
import random
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from img2tweet_tf.datasets.pairs import load_pairs
from img2tweet_tf.evaluation import pointing
from img2tweet_tf.evaluation.named_objects import (
    Finder,
    box_prior,
    boxes_of,
    cells_inside,
    literal_nouns,
    sample_nouns,
)
from img2tweet_tf.evaluation.pointing import NamedAttention, attention_at_names, pointing_game, pointing_rows
from img2tweet_tf.models import GloVeLSTM, ShowAttendTell
from img2tweet_tf.text import Vocabulary
from img2tweet_tf.training import new_captioner
from img2tweet_tf.utils.errors import Img2TweetError

GRID = (3, 4)
LEFT, RIGHT = [0, 0, 20, 30], [20, 0, 40, 30]  # halves of the 40 x 30 images of `make_pairs`
CAPTIONS = ["A dog near two palm trees.", "The palm tree, again!"]


def record(number, objects, captions=CAPTIONS, **more):
    named = {"id": f"p{number}", "image": f"images/{number}.png", "captions": captions}
    return {**named, "split": ("train", "test")[number % 2], "objects": objects, **more}


def thing(name, box, visible=1.0):
    return {"name": name, "box": box, "visible": visible}


class ToyFeatures:
    """The number of an image is all that its feature says."""

    def has(self, pair_id):
        return True

    def rows(self, ids):
        return np.array([int(pair_id[1:]) for pair_id in ids])

    def grid(self, rows, dtype=None):
        return np.asarray(rows, np.float32)[:, None, None, None] * np.ones((1, *GRID, 2), np.float32)


class ToyModel:
    """Before a word it attended at the cell that `where(image number, word)` says, or that it says for each head."""

    name = "toy"

    def __init__(self, vocabulary, where):
        self.vocabulary, self.where = vocabulary, where

    def attention(self, images, ids):
        return np.array([
            [[self.maps(int(image[0, 0, 0]), word) for word in (*self.vocabulary_of(line[1:]), "")] for line in texts]
            for image, texts in zip(images, ids, strict=True)
        ])  # fmt: skip

    def vocabulary_of(self, ids):
        return [self.vocabulary.words[number] for number in ids]

    def maps(self, image, word):
        cells = np.array(self.where(image, word))
        maps = np.zeros((*cells.shape[:-1], *GRID), np.float32)
        for at in np.ndindex(cells.shape[:-1]):
            maps[at][tuple(cells[at])] = 1
        return maps


@pytest.fixture(autouse=True)
def toy_attention(monkeypatch):
    """A real captioner doesn't know the word that comes; the toy model attended where that word says."""
    maps = pointing.attention_maps

    def attention_maps(model, images, ids):
        return model.attention(images, ids) if isinstance(model, ToyModel) else maps(model, images, ids)

    monkeypatch.setattr(pointing, "attention_maps", attention_maps)


def captioner_of(where, texts=CAPTIONS):
    vocabulary = Vocabulary.build([text for text in texts for _ in range(2)])
    return SimpleNamespace(model=ToyModel(vocabulary, where), vocabulary=vocabulary)


def row_of(rows, attended):
    (row,) = [row for row in rows if row["method"] == attended]
    return row


@pytest.fixture
def two_sides(make_pairs):
    """Six images: in each a dog on the left and two palm trees on the right."""
    objects = [thing("dog", LEFT), thing("palm tree", RIGHT), thing("palm tree", [30, 0, 40, 30])]
    return load_pairs(make_pairs([record(number, objects) for number in range(6)]))


def test_a_model_that_points_right(two_sides):
    captioner = captioner_of(lambda image, word: (1, 0) if word == "dog" else (1, 3))
    rows = pointing_game(captioner, two_sides, ToyFeatures(), split="all", samples=50)
    attention = row_of(rows, "attention")
    assert (attention["rate"], attention["low"], attention["high"]) == (1, 1, 1)
    assert (attention["images"], attention["words"], attention["system"]) == (6, 18, "toy")
    mean = row_of(rows, "mean map")  # the right side, for most words look there
    assert mean["rate"] == pytest.approx(2 / 3) and mean["gain"] == pytest.approx(1 / 3)
    assert row_of(rows, "chance")["rate"] == pytest.approx(0.5)
    assert row_of(rows, "box prior")["rate"] == pytest.approx(2 / 3)  # two of three boxes hold the right column
    assert json.loads(json.dumps(rows)) == rows


def test_a_model_that_points_wrong(two_sides):
    captioner = captioner_of(lambda image, word: (1, 3) if word == "dog" else (1, 0))
    rows = pointing_game(captioner, two_sides, ToyFeatures(), samples=50)
    assert row_of(rows, "attention")["rate"] == 0 and row_of(rows, "attention")["images"] == 3
    assert row_of(rows, "box prior")["gain_high"] < 0 and row_of(rows, "ceiling")["rate"] == 1


def test_only_the_name_s_own_word_is_asked(two_sides):
    """Of a phrase the last word, and the look before that word, not the one after it."""
    captioner = captioner_of(lambda image, word: {"dog": (0, 0), "tree": (0, 2), "trees": (0, 3)}.get(word, (2, 1)))
    attended = attention_at_names(captioner, two_sides, ToyFeatures(), literal_nouns(["dog", "palm tree"]))
    peaks = [tuple(int(at) for at in np.argwhere(look)[0]) for look in attended.maps[:3]]
    assert peaks == [(0, 0), (0, 3), (0, 2)] and list(attended.images[:4]) == [0, 0, 0, 1]
    # 7 + 6 words an image, full stops and commas too
    assert attended.overall[0, 2, 1] == pytest.approx(10 / 13) and attended.overall.sum() == pytest.approx(6)


def test_the_image_map_is_of_its_own_image(make_pairs):
    sides = [[thing("dog", LEFT if number < 3 else RIGHT)] for number in range(6)]
    pairs = load_pairs(make_pairs([record(number, objects) for number, objects in enumerate(sides)]))
    captioner = captioner_of(lambda image, word: (1, 0) if image < 3 else (1, 3))
    rows = pointing_game(captioner, pairs, ToyFeatures(), split="all", samples=50)
    assert row_of(rows, "attention")["rate"] == row_of(rows, "image map")["rate"] == 1
    assert row_of(rows, "image map")["gain"] == 0 and row_of(rows, "mean map")["rate"] == 0.5


def test_layers_and_the_best_head_of_the_other_half(two_sides):
    def where(image, word):
        right = (1, 0) if word == "dog" else (1, 3)
        wrong = (1, 3) if word == "dog" else (1, 0)
        return [[wrong, wrong], [wrong, right]]

    rows = pointing_game(captioner_of(where), two_sides, ToyFeatures(), split="all", samples=50)
    assert row_of(rows, "attention")["rate"] == 0
    assert [(row["layer"], row["rate"]) for row in rows if row["method"] == "layer"] == [(1, 0), (2, 0.5)]
    best = row_of(rows, "best head")
    assert (best["layer"], best["head"], best["rate"], best["images"], best["words"]) == (2, 2, 1, 3, 9)
    assert best["rate_where_chosen"] == 1 and best["rate_of_mean"] == 0


def test_a_head_lucky_on_one_half_is_found_out():
    images, rng = np.arange(200), np.random.default_rng(0)
    maps = rng.random((200, 6, 8, *GRID))
    inside = np.zeros((200, *GRID), bool)
    inside[:, 1, 1:3] = True
    rows = pointing_rows(NamedAttention(maps, inside, images, maps.mean(axis=(1, 2))), samples=50)
    best = row_of(rows, "best head")
    assert best["rate_where_chosen"] > 0.23 and best["rate"] < best["rate_where_chosen"] - 0.05
    assert "box prior" not in [row["method"] for row in rows]


def test_a_flat_map_scores_as_chance_does():
    inside = np.zeros((2, *GRID), bool)
    inside[0, 0, 0] = inside[1, :2] = True
    attended = NamedAttention(np.full((2, *GRID), 1 / 12), inside, np.array([0, 1]), np.full((2, *GRID), 1 / 12))
    rows = pointing_rows(attended, samples=50)
    rates = [row["rate"] for row in rows if row["method"] != "ceiling"]
    assert len(rates) == 4 and rates == pytest.approx([(1 / 12 + 8 / 12) / 2] * 4)


def test_every_image_counts_the_same():
    inside = np.zeros((4, *GRID), bool)
    inside[0] = True
    maps = np.random.default_rng(0).random((4, *GRID))
    attended = NamedAttention(maps, inside, np.array([0, 1, 1, 1]), np.ones((2, *GRID)))
    assert row_of(pointing_rows(attended, samples=50), "attention")["rate"] == 0.5


def test_boxes_over_everything_are_always_hit(make_pairs):
    pairs = load_pairs(make_pairs([record(number, [thing("dog", [0, 0, 40, 30])]) for number in range(4)]))
    captioner = captioner_of(lambda image, word: (image % 3, len(word) % 4))
    rows = pointing_game(captioner, pairs, ToyFeatures(), split="all", samples=50)
    assert {row["rate"] for row in rows} == {1.0} and row_of(rows, "chance")["gain"] == 0


def test_images_without_captions_objects_or_names_are_left_out(make_pairs, capsys):
    dog = [thing("dog", LEFT)]
    records = [
        record(0, dog),
        record(1, [], split="train"),
        record(2, dog, captions=["A quiet park."]),
        {**record(3, dog, text="hi"), "captions": []},
        record(4, [thing("dog", LEFT, visible=0.0)]),
        record(5, dog, captions=["One dog.", "A zebra and a dog."]),
    ]
    del records[1]["objects"]
    pairs = load_pairs(make_pairs(records))
    captioner = captioner_of(lambda image, word: (1, 0))
    attended = attention_at_names(captioner, pairs, ToyFeatures(), literal_nouns(["dog"]))
    assert list(attended.images) == [0, 1, 1] and attended.overall.shape == (2, *GRID)
    assert "3 of 5 images left out" in capsys.readouterr().err


def test_words_the_model_does_not_know_are_left_out(make_pairs, capsys):
    objects = [thing("dog", LEFT), thing("zebra", RIGHT)]
    pairs = load_pairs(make_pairs([record(0, objects, captions=["A dog beside a zebra."])]))
    nouns = literal_nouns(["dog", "zebra"])
    attended = attention_at_names(captioner_of(lambda image, word: (0, 0)), pairs, ToyFeatures(), nouns)
    assert len(attended.maps) == 1 and "1 names of objects left out" in capsys.readouterr().err


def test_nothing_to_play_with_is_an_error(make_pairs):
    captioner = captioner_of(lambda image, word: (0, 0))
    pairs = load_pairs(make_pairs([record(0, [thing("cat", LEFT)])]))
    with pytest.raises(Img2TweetError, match="no caption names an object"):
        pointing_game(captioner, pairs, ToyFeatures(), split="all")


def test_a_captioner_without_attention_is_an_error(two_sides):
    captioner = captioner_of(None)
    captioner.model = new_captioner(GloVeLSTM, (*GRID, 2), vocabulary_size=len(captioner.vocabulary), units=4)
    with pytest.raises(Img2TweetError, match="glove_lstm has no attention"):
        pointing_game(captioner, two_sides, ToyFeatures(), split="all")


def test_where_a_real_captioner_looks_is_read_before_each_word(two_sides):
    captioner = captioner_of(None)
    sizes = {"vocabulary_size": len(captioner.vocabulary), "embedding_dim": 4, "units": 4, "annotation_dim": 4}
    captioner.model = new_captioner(ShowAttendTell, (*GRID, 2), **sizes)
    attended = attention_at_names(captioner, two_sides, ToyFeatures(), literal_nouns(["dog", "palm tree"]))
    assert attended.maps.shape == (18, *GRID) and attended.overall.shape == (6, *GRID)
    np.testing.assert_allclose(attended.maps.sum(axis=(1, 2)), 1, atol=1e-5)
    rows = pointing_rows(attended, system="show_attend_tell", samples=50)
    assert row_of(rows, "attention")["words"] == 18 and 0 <= row_of(rows, "attention")["rate"] <= 1


def test_cells_and_boxes():
    assert cells_inside(np.array([[0.25, 0, 0.75, 0.4]]), GRID).astype(int).tolist() == [[0, 1, 1, 0], [0] * 4, [0] * 4]
    both = cells_inside(np.array([[0, 0, 0.2, 0.2], [0.8, 0.8, 1, 1]]), GRID)
    assert np.argwhere(both).tolist() == [[0, 0], [2, 3]]


def test_boxes_are_shares_of_the_upright_picture(make_pairs):
    folder = make_pairs([record(0, [thing("dog", [10, 10, 20, 40])])])
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter: 30 wide, 40 high
    Image.new("RGB", (40, 30)).save(folder / "images/0.png", exif=exif)
    pairs = load_pairs(folder)
    assert boxes_of(pairs[0])["dog"] == pytest.approx(np.array([[1 / 3, 1 / 4, 2 / 3, 1]]))
    assert np.argwhere(box_prior(pairs, (4, 3))).tolist() == [[1, 1], [2, 1], [3, 1]]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Two dogs, a PALM TREE and a tree", [(1, "dog"), (5, "palm tree"), (8, "tree")]),
        ("cherries, knives, firemen and buses!", [(0, "cherry"), (2, "knife"), (4, "fireman"), (6, "bus")]),
        ("sports balls by a glass; her glasses", [(1, "sports_ball"), (4, "glass"), (7, "glasses")]),
        ("doggy dogma busy", []),
        ("", []),
    ],
)
def test_names_that_stand_in_the_text(text, found):
    names = ["dog", "tree", "palm tree", "cherry", "knife", "fireman", "bus", "sports_ball", "glass", "glasses"]
    assert Finder(literal_nouns(names)).find(text) == found


def test_places_are_no_things():
    nouns = sample_nouns()
    assert Finder(nouns).find("A mountain seen at a train station in the mountains.") == [(1, "mountain")]
    assert Finder(nouns).find("A ball on a football pitch, in front of a row of houses.") == [(1, "football")]
    assert Finder(nouns).find("Two slices of pizza and a black cat") == [(3, "pizza"), (7, "black cat")]


def test_every_noun_of_the_sample_world_is_found_and_nothing_else(monkeypatch):
    """Whatever `captions` calls a thing is found again, in the order it was said."""
    from img2tweet_tf.sample import captions
    from img2tweet_tf.sample.facts import Scene, Thing
    from img2tweet_tf.sample.kinds import KINDS
    from img2tweet_tf.sample.settings import SETTINGS

    said, noun = [], captions._View.noun
    monkeypatch.setattr(captions._View, "noun", lambda self, thing: said.append(thing.kind) or noun(self, thing))
    rng, finder, kinds = random.Random(0), Finder(sample_nouns()), sorted(KINDS)
    for number in range(400):
        kind, other = kinds[number % len(kinds)], rng.choice(kinds)
        things = [Thing(kind, rng.choice((1, 2))), *([Thing(other)] if other != kind else [])]
        objects = [
            {"name": one.kind, "box": [60 * k, 40, 60 * k + 50, 90]} for one in things for k in range(one.count)
        ]
        daytime = rng.choice(("day", "sunset", "night"))
        scene = Scene(None, rng.choice(list(SETTINGS)), rng.choice(("sun", "rain", "storm")), daytime, things, objects)
        for _ in range(4):
            said.clear()
            sentence = captions._View(scene, rng).sentence()
            assert [name for _, name in finder.find(sentence)] == said, sentence
