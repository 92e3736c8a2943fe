"""What a user of `python -m img2tweet_tf` sees: files, lines, exit status."""

import json
import os
import signal
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from conftest import toy_records
from packaging.version import Version
from PIL import Image

import img2tweet_tf
from img2tweet_tf.cli import main
from img2tweet_tf.datasets.pairs import load_pairs

ROOT = Path(img2tweet_tf.__file__).resolve().parent.parent
TRAIN = "train --model glove_lstm --encoder toy --glove none --min-count 1 --epochs 1 --batch-size 8".split()


@pytest.fixture
def run(capsys):
    """Returns a function that runs a command in this process: arguments -> (exit status, output, errors)."""

    def run(*arguments):
        capsys.readouterr()
        status = main([str(argument) for argument in arguments])
        return status, *capsys.readouterr()

    return run


@pytest.fixture
def images(toy_world):
    return [pair.path for pair in load_pairs(toy_world[0])]


def refused(result, *words):
    """Checks that a command wrote one line, with these words in it, and ended with status 2."""
    status, out, err = result
    assert (status, out) == (2, "") and err.count("\n") == 1 and err.startswith("img2tweet: "), err
    for word in words:
        assert word in err


def test_sample_train_tweet_evaluate(run, toy_encoder, data_home, tmp_path, monkeypatch):
    monkeypatch.setattr("img2tweet_tf.sample.world.HELD_OUT", {"val": 4, "test": 8})
    status, _, err = run("sample", "--out", tmp_path / "sample", "--pairs", 40, "--seed", 3)
    assert status == 0 and "40 pairs" in err and len(load_pairs(tmp_path / "sample")) == 52
    assert run(*TRAIN, "--data", tmp_path / "sample", "--pairs", 30, "--out", tmp_path / "run")[0] == 0
    about = json.loads((tmp_path / "run" / "captioner.json").read_text(encoding="utf-8"))
    assert about["training"]["images"] == {"train": 30, "val": 4}
    image = next((tmp_path / "sample" / "images").iterdir())
    status, out, _ = run("tweet", "--model", tmp_path / "run", image)
    assert status == 0 and out.count("\n") == 1 and out.strip()
    command = ["evaluate", "--model", tmp_path / "run", "--data", tmp_path / "sample", "--out", tmp_path / "scores"]
    status, out, err = run(*command)
    assert status == 0 and "nearest image" in out and "bleu_4" in out and err.count("\n") == 2
    assert err.splitlines()[1].startswith("next: python -m img2tweet_tf compare ")
    assert sorted(os.listdir(tmp_path / "scores")) == ["metrics.json", "predictions.jsonl"]
    assert sorted(os.listdir(tmp_path)) == ["home", "run", "sample", "scores"]  # and nothing half


@pytest.mark.parametrize("command", ["", "sample", "train", "tweet", "evaluate", "compare", "results"])
def test_every_command_has_help(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([*command.split(), "--help"])
    assert ended.value.code == 0 and "usage:" in capsys.readouterr().out


@pytest.mark.parametrize(
    "line, named",
    [
        ("", "COMMAND"),
        ("paint", "paint"),
        ("sample", "--out"),
        ("sample --out x --pairs 0", "--pairs"),
        ("sample --out x --pairs \u00b2", "--pairs"),
        ("sample --out x --hidden-share nan", "0 to 1"),
        ("train --data d --model glove_lstm --out x --learning-rate nan", "over 0"),
        ("train --data d --model glove_lstm --out x --set units", "SIZE=VALUE"),
        ("train --data d --model glove_lstm --out x --set units=many", "SIZE=VALUE"),
        ("train --data d --model glove_lstm --out x --seed 4294967296", "--seed"),
        ("train --data d --model glove_lstm --out x --init y --encoder z", "leave out encoder"),
        ("train --data d --model glove_lstm --out x --target poem", "poem"),
        ("train --data d --model glove_lstm --out x --train-encoder 0", "over 0"),
        ("train --data d --model glove_lstm --out x --train-encoder 1.5", "at most 1"),
        ("train --data d --model glove_lstm --out x --train-encoder", "name its run by init"),
        ("train --data d --model glove_lstm --out x --augment", "only with train_encoder"),
        ("train --data d --model glove_lstm --out x --epochs 0", "--epochs"),
        ("train --data d --model glove_lstm --out x --label-smoothing 2", "from 0 to 1"),
        ("tweet --model x", "IMAGE"),
        ("tweet --model x --length-power inf y", "a number"),
        ("tweet --model x --max-length 1000000 y", "--max-length"),
        ("tweet --model x --decode lyrical y", "greedy"),
        ("evaluate --model x --data y --out z --decode lyrical", "greedy"),
        ("tweet --model no-run no.jpg", "not a saved captioner"),
        ("evaluate --model no-run --data no-data --out x", "no-data"),
        ("train --data no-data --model glove_lstm --out x", "no-data"),
    ],
)
def test_mistakes_are_one_line(run, data_home, tmp_path, monkeypatch, line, named):
    monkeypatch.chdir(tmp_path)
    refused(run(*line.split()), named)
    assert not os.listdir(tmp_path)


def test_an_empty_out_is_refused(run):
    refused(run("sample", "--out", ""), "--out")


def test_out_that_cannot_be_written_is_refused_before_any_work(run, toy_world, toy_run, toy_encoder, tmp_path):
    (tmp_path / "file").write_text("mine")
    data = toy_world[0]
    for out in (tmp_path / "file", tmp_path / "file" / "below"):
        refused(run("sample", "--out", out), "file")
        refused(run(*TRAIN, "--data", data, "--out", out), "file")
        refused(run("evaluate", "--model", toy_run, "--data", data, "--out", out), "file")
    refused(run("sample", "--out", toy_run), "in use")
    refused(run(*TRAIN, "--data", data, "--out", toy_run), "holds a run already")
    assert (tmp_path / "file").read_text() == "mine"


def test_the_current_folder_is_no_place_for_a_sample(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refused(run("sample", "--out", "."), "in use")


@pytest.mark.parametrize(
    "arguments, named",
    [
        (["--model", "poet"], "glove_lstm"),
        (["--set", "width=3"], "units=256"),
        (["--set", "units=-3"], "units=-3"),
        (["--glove", "no-such-file"], "no-such-file"),
        (["--init", "nowhere"], "brings its encoder"),
    ],
)
def test_train_refuses_in_one_last_line(run, toy_world, toy_encoder, data_home, tmp_path, arguments, named):
    status, out, err = run(*TRAIN, "--data", toy_world[0], "--out", tmp_path / "run", *arguments)
    assert status == 2 and named in err.splitlines()[-1] and err.count("img2tweet: ") == 1
    assert not (tmp_path / "run").exists()


def test_train_refuses_to_go_on_from_what_it_cannot(run, toy_world, toy_run, toy_encoder, data_home, tmp_path):
    train = [argument for argument in TRAIN if argument not in ("--encoder", "toy")]
    train += ["--data", toy_world[0], "--out", tmp_path / "run", "--init"]
    refused(run(*train, tmp_path / "nowhere"), "not a saved captioner")
    refused(run(*train, toy_run, "--set", "units=3"), "leave out sizes")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("kind", ["efficientnet", "lite0 without weights"])
def test_unknown_encoders_and_missing_weights_are_named(run, toy_world, data_home, tmp_path, kind):
    arguments = ["--encoder", "resnet9000"]
    if kind != "efficientnet":
        arguments = ["--encoder", "efficientnet_lite0", "--encoder-weights", tmp_path / "no.weights.h5"]
    train = [argument for argument in TRAIN if argument not in ("--encoder", "toy")]
    refused(run(*train, *arguments, "--data", toy_world[0], "--out", tmp_path / "run"), str(arguments[-1]))


def test_tweet_prints_a_line_an_image(run, toy_run, images):
    status, out, err = run("tweet", "--model", toy_run, *images[:3])
    assert status == 0 and not err
    assert [line.split(": ")[0] for line in out.splitlines()] == list(map(str, images[:3]))
    status, as_json, _ = run("tweet", "--model", toy_run, "--json", *images[:3])
    rows = [json.loads(line) for line in as_json.splitlines()]
    assert [f"{row['image']}: {row['tweet']}" for row in rows] == out.splitlines()


def test_tweet_prints_several_lines_an_image_where_several_are_asked_for(run, toy_run, images):
    command = ["tweet", "--model", toy_run, *images[:2], "--decode", "nucleus", "--top-p", 0.9, "--temperature", 0.7]
    status, out, err = run(*command, "--several", 5)
    assert status == 0 and not err
    assert [line.split(": ")[0] for line in out.splitlines()] == [str(image) for image in images[:2] for _ in range(5)]
    rows = [json.loads(line) for line in run(*command, "--several", 5, "--json")[1].splitlines()]
    assert [f"{row['image']}: {row['tweet']}" for row in rows] == out.splitlines()
    assert all(row["log_probability"] < 0 for row in rows)
    assert run(*command, "--several", 5, "--seed", 0)[1] == out != run(*command, "--several", 5, "--seed", 1)[1]


def test_tweet_says_that_a_seed_changes_nothing_where_nothing_is_drawn(run, toy_run, images):
    status, out, err = run("tweet", "--model", toy_run, images[0], "--seed", 3)
    assert status == 0 and err == "seed changes nothing with the method beam; it is for top_k, nucleus\n"
    assert out == run("tweet", "--model", toy_run, images[0])[1]


def test_tweet_goes_on_after_a_text_that_is_called_jpg(run, toy_run, images, tmp_path):
    (tmp_path / "text.jpg").write_text("hello")
    status, out, err = run("tweet", "--model", toy_run, tmp_path / "text.jpg", images[0], "--json")
    bad, good = map(json.loads, out.splitlines())
    assert status == 1 and (bad["image"], bad["tweet"]) == (str(tmp_path / "text.jpg"), None) and good["tweet"]
    assert good["image"] == str(images[0])
    assert "text.jpg" in err and "1 image left out" in err
    for bad in ([tmp_path / "text.jpg"], [tmp_path], [tmp_path / "nowhere.jpg", tmp_path]):
        refused(run("tweet", "--model", toy_run, *bad), str(bad[0]))


def test_an_encoder_that_cannot_be_trained_is_refused(run, toy_world, toy_run, tmp_path):
    train = ["train", "--model", "glove_lstm", "--data", toy_world[0], "--out", tmp_path / "run", "--init", toy_run]
    status, _, err = run(*train, "--train-encoder", "0.3", "--augment")
    assert status == 2 and "encoder toy can't be trained" in err.splitlines()[-1]
    assert not (tmp_path / "run").exists()


def test_a_stopped_command_says_so(run, toy_world, toy_encoder, data_home, tmp_path, monkeypatch):
    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("img2tweet_tf.training.pipeline.fit", stopped)
    status, _, err = run(*TRAIN, "--data", toy_world[0], "--out", tmp_path / "run")
    assert status == 130 and "--resume" in err and err.endswith("img2tweet: stopped\n")


def test_evaluate_with_bad_folders(run, toy_world, toy_run, make_pairs, tmp_path):
    evaluate = ["evaluate", "--model", toy_run, "--out", tmp_path / "scores", "--data"]
    refused(run(*evaluate, toy_world[0], "--split", "dev"), "train, val, test, all")
    only_train = make_pairs([{**record, "split": "train"} for record in toy_records(3)])
    refused(run(*evaluate, only_train), "no pair is in its test part", "the split")
    refused(run(*evaluate, only_train, "--split", "all", "--target", "caption"), "try the target tweet")
    assert not (tmp_path / "scores").exists()


def without_tensorflow(command, folder):
    """Runs a command in a process of its own in which TensorFlow cannot be imported, and the sample is small."""
    blocked = "import sys, runpy; sys.modules['tensorflow'] = sys.modules['keras'] = None; "
    small = "from img2tweet_tf.sample import world; world.HELD_OUT = {'val': 2, 'test': 4}; "
    code = blocked + small + f"sys.argv[1:] = {command!r}; runpy.run_module('img2tweet_tf', run_name='__main__')"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "IMG2TWEET_DATA": str(folder / "home")}
    return subprocess.run([sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True)


def test_sample_and_mistakes_need_no_tensorflow(tmp_path):
    done = without_tensorflow(["sample", "--out", "world", "--pairs", "3"], tmp_path)
    next_step = "next: python -m img2tweet_tf train --data world --model show_attend_tell --out runs/mine\n"
    says = "world: 3 pairs to train on, and those to validate and test\n" + next_step
    assert (done.returncode, done.stdout) == (0, "") and done.stderr.endswith(says)
    progress = done.stderr.removesuffix(says).splitlines()  # where drawing takes long
    assert all(line.startswith("drawing the sample world: ") for line in progress)
    for command, status in (("--help", 0), ("tweet --model nowhere x.jpg", 2), ("evaluate --help", 0)):
        done = without_tensorflow(command.split(), tmp_path)
        assert done.returncode == status and "Traceback" not in done.stderr, done.stderr
    done = without_tensorflow("train --data nowhere --model glove_lstm --out x".split(), tmp_path)
    assert done.returncode == 2 and done.stderr.startswith("img2tweet: nowhere: no such folder")


def test_nothing_but_our_own_words_reaches_the_terminal_and_interrupting_leaves_a_run(tmp_path, make_pairs):
    data = make_pairs(toy_records(15))
    command = "-m img2tweet_tf train --model glove_lstm --encoder efficientnet_lite0 --glove none --min-count 1".split()
    sizes = ["--epochs", "100000", "--patience", "100000", "--set", "units=8", "--set", "embedding_dim=8"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "IMG2TWEET_DATA": str(tmp_path / "home")}
    environment.pop("TF_CPP_MIN_LOG_LEVEL", None)
    process = subprocess.Popen(
        [sys.executable, *command, *sizes, "--data", str(data), "--out", "run"],
        cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    lines = []
    for line in process.stderr:
        lines.append(line.rstrip("\n"))
        if "epoch 4/" in line:
            process.send_signal(signal.SIGINT)
            break
    lines += process.stderr.read().splitlines()
    assert process.stdout.read() == "" and process.wait(timeout=120) == 130
    ours = ["9 images to train", "epoch ", "  p", "run: stopped; ", "img2tweet: stopped"]
    if Version(metadata.version("tensorflow")) < Version("2.21"):  # its XLA speaks at any log level
        ours += ["WARNING: All log messages before absl::InitializeLog()", "I0000 "]
    assert not [line for line in lines if not any(start in line for start in ours)]
    assert "--resume" in lines[-2]
    assert len(json.loads((tmp_path / "run" / "history.json").read_text())) >= 2


def test_tweets_that_the_terminal_cannot_show_are_escaped(toy_world, toy_encoder, data_home, tmp_path, monkeypatch):
    Image.new("RGB", (9, 9)).save(tmp_path / "\u00fc.png")
    raw = tmp_path / "out.txt"
    with open(raw, "w", encoding="ascii") as ascii_only:
        monkeypatch.setattr(sys, "stdout", ascii_only)
        assert main(["tweet", "--model", str(toy_world[1]), str(tmp_path / "\u00fc.png"), "--json"]) == 0
    assert json.loads(raw.read_text())["image"].endswith("\u00fc.png")
