"""Named experiments: what a config may say, that stopping loses no seed, and that published tables are the files'."""

import json
from pathlib import Path

import pytest

from img2tweet_tf.cli import main
from img2tweet_tf.results import (
    commands,
    experiments,
    load_experiment,
    run_experiment,
    summarise,
    with_tables,
    world_command,
)
from img2tweet_tf.utils.errors import Img2TweetError

ROOT = Path(__file__).resolve().parents[1]
CONFIG = """
about: toy
data: {data}
seeds: [0, 1]
train: {{model: glove_lstm, encoder: toy, glove: none, min-count: 1, epochs: 1, set: {{units: 8, embedding_dim: 8}}}}
evaluate: {{max-length: 4}}
"""


@pytest.fixture
def experiment(toy_encoder, toy_world, data_home, tmp_path, monkeypatch):
    """A folder with one toy experiment, "toy", whose commands run in this process; they are listed in `called`."""
    (tmp_path / "configs").mkdir()
    (tmp_path / "results").mkdir()
    (tmp_path / "configs" / "toy.yaml").write_text(CONFIG.format(data=toy_world[0]))
    called = []

    def call(arguments):
        called.append(arguments)
        assert main(arguments) == 0

    monkeypatch.setattr(experiments, "_call", call)
    return tmp_path, called


def test_an_experiment_leaves_figures_by_seed_and_their_mean(experiment):
    folder, called = experiment
    made = run_experiment("toy", folder)
    assert made == json.loads((folder / "results" / "toy.json").read_text())
    assert list(made["seeds"]) == ["0", "1"] and [arguments[0] for arguments in called] == ["train", "evaluate"] * 2
    first = made["seeds"]["0"]
    assert first["commands"][0].startswith("python -m img2tweet_tf train --data")
    assert {"cider", "swapped_cider", "nearest_image_cider", "perplexity"} <= first["metrics"].keys()
    values = [seed["metrics"]["perplexity"] for seed in made["seeds"].values()]
    assert made["summary"]["perplexity"]["mean"] == pytest.approx(sum(values) / 2)
    assert made["summary"]["cider"]["low"] <= made["summary"]["cider"]["mean"] <= made["summary"]["cider"]["high"]


def test_controls_evaluate_the_same_captioner_with_other_facts(experiment):
    folder, called = experiment
    config = (folder / "configs" / "toy.yaml").read_text().replace("epochs: 1", "epochs: 1, context: account")
    (folder / "configs" / "toy.yaml").write_text(config.replace("[0, 1]", "[0]") + "controls: [shuffled, none]\n")
    made = run_experiment("toy", folder)
    assert [each[0] for each in called] == ["train", "evaluate", "evaluate", "evaluate"]
    assert {"cider", "shuffled/cider", "none/perplexity_known"} <= made["seeds"]["0"]["metrics"].keys()
    assert "shuffled/nearest_image_cider" not in made["seeds"]["0"]["metrics"]
    assert made["summary"]["shuffled/cider"]["mean"] == pytest.approx(made["seeds"]["0"]["metrics"]["shuffled/cider"])


def test_other_ways_of_writing_are_evaluated_with_the_captioners_of_an_experiment(experiment):
    folder, called = experiment
    text = (folder / "configs" / "toy.yaml").read_text()
    data = next(line for line in text.splitlines() if line.startswith("data:"))
    ways = "ways: {greedy: {decode: greedy}, drawn: {decode: nucleus, temperature: 0.7}}"
    (folder / "configs" / "writing.yaml").write_text(f"about: Toy\n{data}\nseeds: [0]\nof: toy\n{ways}\n")
    made = run_experiment("writing", folder)
    assert [each[0] for each in called] == ["train", "evaluate", "evaluate", "evaluate"]
    assert {each[each.index("--model") + 1] for each in called[1:]} == {str(folder / "runs/results/toy/seed-0")}
    assert {"cider", "greedy/cider", "drawn/repeated", "drawn/same_beginning"} <= made["summary"].keys()
    run_experiment("toy", folder)
    assert [each[0] for each in called[4:]] == ["evaluate", "train", "evaluate"], "seed 0 has been trained"


def test_a_world_of_its_own_is_made_once(experiment, monkeypatch):
    folder, called = experiment
    config = folder / "configs" / "toy.yaml"
    world = folder / "worlds" / "hidden"
    text = config.read_text().split("data: ")[0] + f"data: {world}\nworld: {{pairs: 8, hidden-share: 0}}\n"
    config.write_text(text + "seeds: [0, 1]\n" + config.read_text().split("[0, 1]\n")[1])
    monkeypatch.setattr("img2tweet_tf.sample.world.HELD_OUT", {"val": 2, "test": 4})
    made = run_experiment("toy", folder)
    assert [each[0] for each in called] == ["sample", *["train", "evaluate"] * 2]
    assert json.loads((world / "sample.json").read_text())["hidden_share"] == 0
    assert made["seeds"]["1"]["commands"][0] == f"python -m img2tweet_tf {' '.join(called[0])}"


def test_what_is_done_is_not_repeated_and_a_stopped_seed_goes_on(experiment, monkeypatch):
    folder, called = experiment
    call = experiments._call

    def stopped(arguments):
        if "--seed" in arguments and arguments[arguments.index("--seed") + 1] == "1":
            raise KeyboardInterrupt
        call(arguments)

    monkeypatch.setattr(experiments, "_call", stopped)
    with pytest.raises(KeyboardInterrupt):
        run_experiment("toy", folder)
    kept = json.loads((folder / "results" / "toy.json").read_text())
    assert list(kept["seeds"]) == ["0"]
    monkeypatch.setattr(experiments, "_call", call)
    called.clear()
    assert run_experiment("toy", folder)["seeds"]["0"] == kept["seeds"]["0"]
    assert len(called) == 2
    called.clear()
    run_experiment("toy", folder)
    assert not called


def test_a_seed_that_another_process_adds_meanwhile_is_kept(experiment, monkeypatch):
    folder, _ = experiment
    whole, file, ran = run_experiment("toy", folder), folder / "results" / "toy.json", []
    file.unlink()

    def run_seed(name, config, seed, folder):
        ran.append(seed)
        file.write_text(json.dumps({**whole, "seeds": {"1": whole["seeds"]["1"]}}))
        return whole["seeds"][str(seed)]

    monkeypatch.setattr(experiments, "_run_seed", run_seed)
    assert run_experiment("toy", folder)["seeds"] == whole["seeds"] and ran == [0]


def test_other_settings_start_anew(experiment, capsys):
    folder, called = experiment
    run_experiment("toy", folder)
    config = folder / "configs" / "toy.yaml"
    config.write_text(config.read_text().replace("epochs: 1", "epochs: 2").replace("[0, 1]", "[3]"))
    assert list(run_experiment("toy", folder)["seeds"]) == ["3"]
    assert "made with other settings" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["- 1", "data: x", "data: x\ntrain: {}\nmodel: y", "a: ["])
def test_a_config_that_is_none_is_told_in_one_line(tmp_path, text):
    (tmp_path / "bad.yaml").write_text(text)
    with pytest.raises(Img2TweetError, match="bad.yaml") as caught:
        load_experiment(tmp_path / "bad.yaml")
    assert "\n" not in str(caught.value)


def test_an_unknown_experiment_is_told_with_those_there_are(tmp_path):
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "some.yaml").write_text("")
    with pytest.raises(Img2TweetError, match="there are: some"):
        run_experiment("other", tmp_path)


@pytest.mark.parametrize("file", sorted((ROOT / "configs").glob("*.yaml")), ids=lambda file: file.stem)
def test_every_config_is_a_command_that_exists(file):
    from img2tweet_tf.cli import _decoding, _parser
    from img2tweet_tf.generation import make_decoding
    from img2tweet_tf.models import model_class
    from img2tweet_tf.training.initialization import check_sizes

    config = load_experiment(file)
    assert not config["world"] or _parser().parse_args(world_command(config))
    train, *evaluations = (_parser().parse_args(arguments) for arguments in commands(file.stem, config, 0))
    check_sizes(model_class(train.model), dict(train.sizes or []))
    assert {evaluate.model for evaluate in evaluations} == {str(train.out)}
    of_ways = [way.get("context") for way in config["ways"].values()]
    assert [evaluate.context for evaluate in evaluations] == [None, *config["controls"], *of_ways]
    for evaluate in evaluations:
        make_decoding(_decoding(evaluate))
    assert config["after"] is None or (ROOT / "configs" / f"{config['after']}.yaml").is_file()


def test_a_gain_is_paired_by_image():
    of_seed = {"metrics": {"cider": 0.5, "swapped_cider": 0.2}, "per_image": {"": [0.4, 0.6], "swapped_": [0.1, 0.3]}}
    gain, low, high = summarise({"0": of_seed})["cider"]["gain"]["swapped_"]
    assert (gain, low, high) == pytest.approx((0.3, 0.3, 0.3))


def test_a_table_has_a_row_an_experiment_and_the_trivial_systems(tmp_path):
    made = {
        "about": "Toy",
        "summary": {"cider": {"mean": 0.4, "sd": 0.02, "gain": {}}, "nearest_image_cider": {"mean": 0.1, "sd": 0.0}},
        "seeds": {},
    }
    (tmp_path / "toy.json").write_text(json.dumps(made))
    text = with_tables("a\n<!-- table: toy absent | cider gain -->\nold\n<!-- end -->\nb", tmp_path)
    assert "| Toy | 0.400 ± 0.020 |  |" in text and "| *nearest image* | 0.100 |  |" in text
    assert "old" not in text and text.startswith("a\n") and text.endswith("<!-- end -->\nb")
    assert with_tables(text, tmp_path) == text


def test_a_table_of_facts_has_a_row_a_control_and_the_systems_that_only_facts_tell_apart(tmp_path):
    summary = {
        f"{prefix}facts_hidden": {"mean": mean, "sd": 0.1}
        for prefix, mean in (("", 1.2), ("shuffled/", 0.1), ("all_facts_", 9.0), ("reference_", 1.4))
    }
    made = {"about": "Toy", "summary": summary, "seeds": {"0": {}, "1": {}}, "config": {"controls": ["shuffled"]}}
    (tmp_path / "toy.json").write_text(json.dumps(made))
    rows = with_tables("<!-- table: toy | facts_hidden -->\n<!-- end -->", tmp_path).splitlines()[3:-1]
    assert rows == [
        "| Toy | 1.20 ± 0.10 |",
        "| Toy, shuffled | 0.10 ± 0.10 |",
        "| *all facts in a row* | 9.00 |",
        "| *reference tweets* | 1.40 |",
    ]
    summary.update({f"{prefix}cider": {"mean": 0.5, "sd": 0.1} for prefix in ("", "shuffled/", "all_facts_")})
    (tmp_path / "toy.json").write_text(json.dumps(made))
    rows = with_tables("<!-- table: toy | cider ways -->\n<!-- end -->", tmp_path).splitlines()[1:-1]
    assert [row.split(" |")[0] for row in rows] == ["| system", "| ---", "| Toy", "| Toy, shuffled"], "without facts"


def test_a_table_of_rows_is_shown_as_it_is(tmp_path):
    (tmp_path / "maps.json").write_text(json.dumps({"rows": [{"set": "digits", "lift": "0.9"}]}))
    text = with_tables("<!-- table: maps -->\n<!-- end -->", tmp_path)
    assert text == "<!-- table: maps -->\n| set | lift |\n| --- | --- |\n| digits | 0.9 |\n<!-- end -->"


@pytest.mark.parametrize("name", ["README.md", "docs/results.md"])
def test_published_tables_are_those_of_the_results(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert with_tables(text, ROOT / "results") == text, "run: python -m img2tweet_tf results --tables"


def test_results_are_small_and_hold_no_text_of_others():
    for file in (ROOT / "results").glob("*.json"):
        assert file.stat().st_size < 200_000, file.name
        assert "references" not in file.read_text(encoding="utf-8")
