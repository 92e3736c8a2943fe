"""`TrainConfig` is the one list of settings: `train`, the command line and a saved run know what it knows."""

import json

import pytest

from img2tweet_tf.cli import _parser, main
from img2tweet_tf.training import TrainConfig, pipeline
from img2tweet_tf.utils.errors import Img2TweetError
from img2tweet_tf.utils.settings import settings

OTHER = {"data", "pairs", "out", "resume", "run"}  # what `train` takes besides, and the command's function
# Of each setting a value that is not its default, and how it is said on the command line.
SAID = {
    "model": ("transformer", "--model transformer"),
    "target": ("caption", "--target caption"),
    "context": ("facts", "--context facts"),
    "encoder": ("inception_v3", "--encoder inception_v3"),
    "encoder_weights": ("some.weights.h5", "--encoder-weights some.weights.h5"),
    "glove": ("none", "--glove none"),
    "min_count": (2, "--min-count 2"),
    "vocabulary_from": (["flickr8k", "mvsa"], "--vocabulary-from flickr8k mvsa"),
    "freeze": (["embedding", "lstm"], "--freeze embedding lstm"),
    "captions_from": ("flickr8k", "--captions-from flickr8k"),
    "captions_share": (0.25, "--captions-share 0.25"),
    "epochs": (7, "--epochs 7"),
    "patience": (5, "--patience 5"),
    "batch_size": (9, "--batch-size 9"),
    "learning_rate": (0.25, "--learning-rate 0.25"),
    "warmup_steps": (40, "--warmup-steps 40"),
    "decay": (True, "--decay"),
    "label_smoothing": (0.2, "--label-smoothing 0.2"),
    "sizes": ({"units": 5, "dropout": 0.1}, "--set units=5 --set dropout=0.1"),
    "bfloat16": (False, "--no-bfloat16"),
    "watch": (0, "--watch 0"),
    "seed": (11, "--seed 11"),
}
FURTHER = {
    "model": ("glove_lstm", "--model glove_lstm"),
    "init": ("a-run", "--init a-run"),
    "train_encoder": (0.4, "--train-encoder"),
    "augment": (True, "--augment"),
}


@pytest.fixture
def trained(monkeypatch, make_pairs, tmp_path):
    """Returns a function: what stands on the command line behind `train` -> the settings that `train` was given."""
    data, given = make_pairs([{"id": "p0", "image": "images/0.png", "text": "a cat"}]), {}
    monkeypatch.setattr(pipeline, "train", lambda pairs, out, **settings: given.update(settings))

    def trained(line):
        assert main(["train", "--data", str(data), "--out", str(tmp_path / "run"), *line.split()]) == 0
        return given

    return trained


def test_the_command_line_has_an_option_for_each_setting_and_no_other(capsys):
    options = _parser().parse_args("train --data d --out o --model glove_lstm".split())
    assert vars(options).keys() == settings(TrainConfig).keys() | OTHER
    with pytest.raises(SystemExit):
        main(["train", "--help"])
    said = capsys.readouterr().out
    for name, of in settings(TrainConfig).items():
        assert f"--{of.metadata.get('flag', name).replace('_', '-')}" in said, name


def test_what_is_not_said_is_the_default(trained):
    given = trained("--model glove_lstm")
    assert given.pop("resume") is False
    assert TrainConfig(**given) == TrainConfig()


@pytest.mark.parametrize("values", [SAID, FURTHER], ids=["a new captioner", "one trained further"])
def test_every_setting_can_be_said_on_the_command_line(trained, values):
    given = trained(" ".join(words for _, words in values.values()))
    assert {name: given[name] for name in values} == {name: value for name, (value, _) in values.items()}


def test_no_setting_was_forgotten_here():
    assert SAID.keys() | FURTHER.keys() == settings(TrainConfig).keys()


def test_settings_are_kept_as_json_and_read_again():
    config = TrainConfig(**{name: value for name, (value, _) in SAID.items()})
    assert TrainConfig(**json.loads(json.dumps(config.to_json()))) == config
    assert config.to_json().keys() == settings(TrainConfig).keys()


@pytest.mark.parametrize(
    "changed, named",
    [
        ({"epochs": 0}, "epochs: expected a whole number from 1, got 0"),
        ({"batch_size": 0}, "batch_size: expected a whole number from 1"),
        ({"patience": 0}, "patience: expected"),
        ({"min_count": 0}, "min_count: expected"),
        ({"learning_rate": 0.0}, "learning_rate: expected a number over 0, got 0.0"),
        ({"learning_rate": float("inf")}, "learning_rate: expected"),
        ({"learning_rate": float("nan")}, "learning_rate: expected"),
        ({"label_smoothing": 1.5}, "label_smoothing: expected a number from 0 to 1, got 1.5"),
        ({"warmup_steps": -1}, "warmup_steps: expected a whole number from 0"),
        ({"seed": 2**32}, "seed: expected a whole number from 0 to 4294967295"),
        ({"init": "run", "train_encoder": 0}, "train_encoder: expected a number over 0, at most 1, got 0"),
        ({"init": "run", "train_encoder": 1.5}, "train_encoder: expected .*, got 1.5"),
        ({"target": "poem"}, "tweet, caption"),
        ({"train_encoder": 0.4}, "name its run by init"),
        ({"augment": True}, "only with train_encoder"),
        ({"init": "run", "augment": True}, "only with train_encoder"),
        ({"init": "run", "encoder": "inception_v3"}, "leave out encoder"),
        ({"init": "run", "encoder_weights": "file"}, "leave out encoder"),
        ({"epochs": "2"}, "epochs: expected a whole number from 1, got '2'"),
        ({"epochs": 2.0}, "epochs: expected a whole number"),
        ({"epochs": True}, "epochs: expected a whole number"),
        ({"learning_rate": "0.1"}, "learning_rate: expected a number over 0"),
        ({"glove": None}, "glove: expected a text, got None"),
        ({"augment": 1}, "augment: expected True or False"),
        ({"sizes": [3]}, "sizes: expected a dict of sizes"),
        ({"freeze": "embedding"}, "freeze: expected a list of names, got 'embedding'"),
        ({"vocabulary_from": [3]}, "vocabulary_from: expected a list of names"),
        ({"captions_share": 1.0}, "captions_share: expected a number over 0, at most 0.95"),
        ({"init": "run", "train_encoder": 0.4, "captions_from": "x"}, "captions_from: mixes captions in only where"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(changed, named):
    with pytest.raises(Img2TweetError, match=named) as caught:
        TrainConfig(**changed)
    assert "\n" not in str(caught.value)


def test_settings_stay_as_they_were_made():
    with pytest.raises(AttributeError):
        TrainConfig().seed = 3


def test_more_epochs_more_patience_and_another_view_may_be_asked_for_when_resuming():
    may_change = {name for name, of in settings(TrainConfig).items() if of.metadata.get("may_change")}
    assert may_change == {"epochs", "patience", "watch"}
