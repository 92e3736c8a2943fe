"""A saved captioner: images in, tweets out, and what a damaged one says."""

import json
import shutil
import zipfile

import numpy as np
import pytest
from PIL import Image

from img2tweet_tf.captioner import load_captioner
from img2tweet_tf.cli import main
from img2tweet_tf.datasets.pairs import load_pairs
from img2tweet_tf.text import KnownTexts, Vocabulary
from img2tweet_tf.utils.errors import Img2TweetError


@pytest.fixture
def captioner(toy_run):
    return load_captioner(toy_run)


@pytest.fixture
def paths(toy_world):
    return [pair.path for pair in load_pairs(toy_world[0])]


def test_one_path_gives_a_string_and_a_list_a_list(captioner, paths):
    tweets = captioner.tweet(paths[:3])
    assert [captioner.tweet(path) for path in paths[:3]] == tweets
    assert captioner.tweet(str(paths[0])) == tweets[0]
    assert all(isinstance(tweet, str) and tweet for tweet in tweets)
    assert captioner.tweet([]) == []


def test_an_image_may_come_as_any_thing_that_holds_one(captioner, paths, tmp_path):
    expected = captioner.tweet(paths[0])
    with Image.open(paths[0]) as image:
        for source in (paths[0].read_bytes(), image, np.asarray(image.convert("RGB"))):
            assert captioner.tweet(source) == expected
            assert captioner.tweet([source, paths[1]]) == captioner.tweet(paths[:2])
    for place in (1, 0):
        shutil.copy(paths[place], tmp_path / f"{place}.png")
    (tmp_path / "notes.txt").touch()
    assert captioner.tweet(tmp_path) == captioner.tweet(paths[:2]) == captioner.tweet([str(tmp_path)])


@pytest.mark.parametrize(
    "images, named",
    [
        (None, "expected an image .*, got NoneType"),
        ({"a.png": 1}, "got dict"),
        ([7], "expected a path.*, got int"),
        (np.zeros((4, 4)), r"expected an array \(rows, columns, 3\) of uint8, got \(4, 4\) of float64"),
        (b"no image", "in memory .*no image format"),
    ],
)
def test_what_holds_no_image_is_one_error(captioner, images, named):
    with pytest.raises(Img2TweetError, match=named) as caught:
        captioner.tweet(images)
    assert "\n" not in str(caught.value) and caught.value._render_traceback_() == [f"Img2TweetError: {caught.value}"]


def test_a_folder_without_an_image_is_said(captioner, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(Img2TweetError, match="empty: no image in this folder"):
        captioner.tweet(tmp_path / "empty")


def test_wrong_decoding_options_are_one_error(captioner, paths):
    for options, named in (
        ({"heat": 1}, "no option heat"),
        ({"temperature": 0}, "temperature: expected a number over 0"),
        ({"beam_width": "5"}, "beam_width: expected a whole number from 1 to 1000, got '5'"),
        ({"length_power": float("nan")}, "length_power: expected a number"),
        ({"method": "magic"}, "one of greedy, beam"),
    ):
        with pytest.raises(Img2TweetError, match=named):
            captioner.tweet(paths[0], **options)


def test_several_tweets_of_an_image_are_a_list_with_their_log_probabilities(captioner, paths):
    options = {"method": "nucleus", "several": 3, "seed": 4}
    tweets, scores = captioner.tweet(paths[:2], return_log_probabilities=True, **options)
    assert [len(of_image) for of_image in tweets] == [len(of_image) for of_image in scores] == [3, 3]
    assert all(isinstance(tweet, str) for of_image in tweets for tweet in of_image)
    assert all(isinstance(score, float) and score < 0 for of_image in scores for score in of_image)
    assert captioner.tweet(paths[0], **options) == tweets[0]
    tweet, score = captioner.tweet(paths[0], return_log_probabilities=True)
    assert isinstance(tweet, str) and isinstance(score, float)


def test_an_option_without_effect_is_said_once(captioner, paths, capsys):
    tweet = captioner.tweet(paths[0])
    capsys.readouterr()
    assert captioner.tweet(paths[0], method="beam", seed=9, top_p=0.5) == tweet
    assert capsys.readouterr().err.splitlines() == [
        "seed changes nothing with the method beam; it is for top_k, nucleus",
        "top_p changes nothing with the method beam; it is for nucleus",
    ]


def test_reranking_works_on_a_saved_captioner_that_knows_its_mean_image(captioner, paths, toy_run):
    plain = captioner.tweet(paths[0], method="beam", beam_width=4, several=4)
    reranked = captioner.tweet(paths[0], method="beam", beam_width=4, several=4, rerank=1.0)
    assert sorted(reranked) == sorted(plain)
    file = toy_run / "captioner.json"
    about = json.loads(file.read_text())
    del about["feature_distribution"]["length"]  # as captioners had been saved before there was reranking
    file.write_text(json.dumps(about))
    older = load_captioner(toy_run)
    assert older.tweet(paths[0], method="beam", beam_width=4, several=4) == plain
    with pytest.raises(Img2TweetError, match="no mean image; train it again"):
        older.tweet(paths[0], rerank=1.0)


@pytest.mark.parametrize("options", [{"method": "beam", "beam_width": 8}, {"method": "nucleus", "candidates": 8}])
def test_a_training_text_is_written_only_for_want_of_another(captioner, paths, options):
    found = captioner.tweet(paths[0], several=8, **options)
    for copies in (found[:1], found[:3], found):
        captioner.known_texts = KnownTexts.from_texts(copies)
        tweet = captioner.tweet(paths[0], avoid_copies=True, **options)
        assert tweet == next((text for text in found if text not in captioner.known_texts), found[0])


def test_a_captioner_without_its_training_texts_cannot_avoid_copies(paths, toy_run):
    older = load_captioner(toy_run)
    assert len(older.known_texts) > 10
    older.known_texts = None
    older.save(toy_run)
    with pytest.raises(Img2TweetError, match="saved no training texts; train it again"):
        load_captioner(toy_run).tweet(paths[0], method="beam", avoid_copies=True)


def test_it_says_shortly_what_it_is(captioner):
    assert repr(captioner).startswith("Captioner(glove_lstm, ") and "images of " in repr(captioner)
    assert repr(captioner.vocabulary) == f"Vocabulary({len(captioner.vocabulary)} words)"


def test_an_unreadable_image_is_named_and_the_others_get_their_tweets(captioner, paths, tmp_path, capsys):
    (tmp_path / "text.jpg").write_text("no image")
    tweets = captioner.tweet([tmp_path / "text.jpg", paths[1], tmp_path / "nowhere.jpg"])
    assert tweets == [None, captioner.tweet(paths[1]), None]
    err = capsys.readouterr().err
    assert "text.jpg" in err and "nowhere.jpg" in err and "2 images left out" in err
    with pytest.raises(Img2TweetError, match=r"text.jpg: .* \(nor can 1 more\)"):
        captioner.tweet([tmp_path / "text.jpg", tmp_path])


def test_it_says_when_a_picture_is_unlike_all_it_knows(captioner, paths, tmp_path, capsys):
    Image.new("RGB", (30, 30), "red").save(tmp_path / "red.png")
    captioner.tweet(paths[:4])
    assert not capsys.readouterr().err
    captioner.tweet([*paths[:4], tmp_path / "red.png"])
    line = capsys.readouterr().err
    assert line.startswith("red.png: unlike all") and line.count("\n") == 1


def test_a_captioner_of_drawn_scenes_says_so(captioner, tmp_path, capsys):
    captioner.training["drawn"] = True
    for name in ("a", "b", "c"):
        Image.new("RGB", (30, 30), "red").save(tmp_path / f"{name}.png")
    captioner.tweet([tmp_path / f"{name}.png" for name in ("a", "b", "c")])
    assert "a.png and 2 more images" in (line := capsys.readouterr().err) and "only knows drawn scenes" in line


def test_what_is_no_captioner_is_said(tmp_path, data_home):
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(Img2TweetError, match="not a saved captioner"):
            load_captioner(folder)
    with pytest.raises(Img2TweetError, match="got NoneType"):
        load_captioner(None)


DAMAGE = {
    "captioner.json": ["", "{", "[]", "\udcff", '{"format": 1}', '{"format": 1, "encoder": {}}'],
    "vocabulary.json": ["", "[]", "{}", "\udcff", "[" * 100_000 + "]" * 100_000],
    "model.keras": ["", "no model"],
    "training_texts.npy": ["", "no numbers"],
}


@pytest.mark.parametrize("file, content", [(file, text) for file, texts in DAMAGE.items() for text in texts])
def test_a_damaged_part_is_named_in_one_line(toy_run, file, content):
    (toy_run / file).write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(Img2TweetError, match=file) as caught:
        load_captioner(toy_run)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "place, value, named",
    [
        (("format",), 2, "format 1, got 2"),
        (("encoder",), {"name": "toy"}, '"encoder"'),
        (("decoding",), {"metod": "beam"}, "captioner.json: decoding has no option metod"),
        (("decoding", "beam_width"), "5", "captioner.json: beam_width: .*, got '5'"),
        (("decoding", "max_length"), 1e9, "max_length: .*, got 1000000000.0"),
        (("decoding", "max_length"), 10**9, "max_length: .* from 1 to 1000, got"),
        (("training",), None, '"training"'),
        (("feature_distribution", "radius"), None, None),
        (("feature_distribution",), {"centre": [1]}, "radius"),
    ],
)
def test_strange_contents_are_named(toy_run, place, value, named):
    about = json.loads((toy_run / "captioner.json").read_text())
    part = about
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    (toy_run / "captioner.json").write_text(json.dumps(about))
    if named is None:
        load_captioner(toy_run)  # only what is used is missed
        return
    with pytest.raises(Img2TweetError, match=named):
        load_captioner(toy_run)


def test_a_cut_model_and_parts_of_two_captioners_are_refused(toy_run):
    model = toy_run / "model.keras"
    whole = model.read_bytes()
    model.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Img2TweetError, match="model.keras: .* whole"):
        load_captioner(toy_run)
    model.write_bytes(whole)
    Vocabulary.build(["another word"], min_count=1).save(toy_run / "vocabulary.json")
    with pytest.raises(Img2TweetError, match="parts of different captioners"):
        load_captioner(toy_run)


@pytest.mark.parametrize("size", ["units", "embedding_dim", "vocabulary_size"])
def test_a_network_larger_than_its_weights_is_refused_before_it_is_built(toy_run, monkeypatch, size):
    with zipfile.ZipFile(toy_run / "model.keras") as parts:
        contents = {name: parts.read(name) for name in parts.namelist()}
    config = json.loads(contents["config.json"])
    config["config"][size] = 10_000_000
    with zipfile.ZipFile(toy_run / "model.keras", "w") as parts:
        for name, content in {**contents, "config.json": json.dumps(config)}.items():
            parts.writestr(name, content)
    monkeypatch.setattr("keras.models.load_model", lambda *_, **__: pytest.fail("it was built"))
    with pytest.raises(Img2TweetError, match=f"model.keras: .*{size} is 10,000,000"):
        load_captioner(toy_run)


def test_control_characters_of_a_vocabulary_never_reach_the_terminal(toy_run, paths, capsys):
    vocabulary = json.loads((toy_run / "vocabulary.json").read_text(encoding="utf-8"))
    vocabulary["surfaces"] = {word: f"{word}\x1b[31m\x07" for word in vocabulary["words"][4:]}
    (toy_run / "vocabulary.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    assert main(["tweet", "--model", str(toy_run), str(paths[0])]) == 0
    out = capsys.readouterr().out
    assert "\\x1b[31m\\x07" in out and out.removesuffix("\n").isprintable()


def test_saving_keeps_what_else_lies_in_the_folder(captioner, tmp_path, paths):
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "notes.txt").write_text("mine")
    captioner.save(tmp_path / "saved")
    captioner.save(tmp_path / "saved")
    names = {file.name for file in (tmp_path / "saved").iterdir()}
    assert names == {"notes.txt", "README.md", "model.keras", "vocabulary.json", "captioner.json", "training_texts.npy"}
    assert "Mark them as generated" in (tmp_path / "saved" / "README.md").read_text(encoding="utf-8")
    assert load_captioner(tmp_path / "saved").tweet(paths[0]) == captioner.tweet(paths[0])
