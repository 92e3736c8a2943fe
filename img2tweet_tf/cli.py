"""The command line: `python -m img2tweet_tf COMMAND`; each command is one function of the package."""

import argparse
import ctypes
import io
import json
import os
import shlex
import sys
from importlib import metadata
from pathlib import Path

from img2tweet_tf.utils.errors import Img2TweetError
from img2tweet_tf.utils.log import left_out, log, printable
from img2tweet_tf.utils.paths import atomic_write

SHOWN = ("bleu_1", "bleu_4", "cider", "rouge_l", "perplexity", "length", "distinct_2", "copied")


def main(argv=None):
    """Runs one command; returns its exit status.

    0: all done; 1: done, but some inputs were left out, all named in `left_out.txt` in the folder that was made; 2:
    nothing done, one line why; 130: stopped.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a tweet may hold what the terminal can't show
    try:
        options = _parser().parse_args(argv)
        _keep_freed_memory()
        left_out.clear()
        options.run(options)
        sys.stdout.flush()
        return _list_left_out(getattr(options, "out", None)) if left_out else 0
    except Img2TweetError as error:
        log(f"img2tweet: {error}")
    except BrokenPipeError:  # whoever read this has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        log(f"img2tweet: {error.filename or 'system'}: {error.strerror or error}")
    except KeyboardInterrupt:
        log("img2tweet: stopped")
        return 130
    return 2


def _list_left_out(folder):
    """Lists what was left out in a file of that folder (None: it has been named already); returns the exit status."""
    if folder is not None:
        file = folder / "left_out.txt"
        with atomic_write(file) as fresh:
            fresh.write_text("".join(f"{printable(problem)}\n" for problem in left_out), encoding="utf-8")
        log(f"{file}: all that was left out, {len(left_out)} in number")
    return 1


def _keep_freed_memory():
    """Asks glibc to keep what is freed for the next batch; else the kernel hands out every large array page by page.

    The Makefile and the notebooks' runner set the same by MALLOC_MMAP_THRESHOLD_ and MALLOC_TRIM_THRESHOLD_. Elsewhere
    than with glibc nothing happens.
    """
    trim_threshold, top_pad, mmap_threshold = -1, -2, -3  # numbers of malloc.h
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    for parameter, size in ((trim_threshold, 1 << 30), (mmap_threshold, 1 << 30), (top_pad, 1 << 26)):
        mallopt(parameter, size)


def _sample(options):
    from img2tweet_tf.sample import make_sample

    if options.check:
        return _check_sample()
    if options.out is None:
        raise Img2TweetError("sample: name a folder by --out, or --check the files that the world is made of")
    made = make_sample(options.out, pairs=options.pairs, seed=options.seed, hidden_share=options.hidden_share)
    log(f"{made}: {options.pairs} pairs to train on, and those to validate and test")
    _next(f"train --data {shlex.quote(str(made))} --model show_attend_tell --out runs/mine")


def _check_sample():
    from img2tweet_tf.sample.check import check_data

    mistakes, warnings = check_data()
    for line in mistakes + warnings:
        log(line)
    if mistakes:
        raise Img2TweetError(f"sample: mistakes in its data: {len(mistakes)}")
    log(f"sample: no mistakes; templates that do not occur: {len(warnings)}")


def _train(options):
    from img2tweet_tf.datasets.pairs import load_pairs
    from img2tweet_tf.training import TrainConfig
    from img2tweet_tf.utils.paths import check_folder
    from img2tweet_tf.utils.settings import settings

    given = {name: getattr(options, name) for name in settings(TrainConfig)} | {"sizes": dict(options.sizes or [])}
    TrainConfig(**given)
    check_folder(options.out)
    pairs = load_pairs(options.data, options.pairs)

    from img2tweet_tf.training import train

    train(pairs, options.out, resume=options.resume, **given)
    run = shlex.quote(str(options.out))
    _next(f"tweet --model {run} IMAGE")
    _next(f"evaluate --model {run} --data {shlex.quote(options.data)} --out {run}/test")


def _tweet(options):
    from img2tweet_tf.captioner import load_captioner
    from img2tweet_tf.generation import make_decoding

    decoding = _decoding(options)
    make_decoding(decoding)  # what is wrong with an option is said before anything is loaded
    captioner = load_captioner(options.model)

    from img2tweet_tf.context import unsupported
    from img2tweet_tf.features import list_images

    images = list_images(options.images)
    facts = {"account": options.account, "context": options.context}
    written = captioner.tweet(
        images, **facts, supported_only=options.supported_only, return_log_probabilities=True, **decoding
    )
    unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    for image, tweets, scores in zip(images, *written, strict=True):
        several = isinstance(tweets, list)
        for tweet, score in zip(tweets, scores, strict=False) if several else [(tweets, scores)]:
            if tweet is None and not options.json:
                continue
            if options.json:
                made_up = unsupported(tweet or "", captioner.facts(**facts), captioner.vocabulary)
                row = {"image": image, "tweet": tweet, "log_probability": score, "unsupported": made_up}
                print(json.dumps(row, ensure_ascii=not (unicode and image.isprintable())))
            else:
                print(tweet if len(images) == 1 else f"{printable(image)}: {tweet}")


def _evaluate(options):
    from img2tweet_tf.datasets.pairs import load_pairs
    from img2tweet_tf.evaluation import evaluate

    pairs = load_pairs(options.data, options.pairs) if options.pairs else options.data
    results = evaluate(
        options.model, pairs, options.out, target=options.target, split=options.split, context=options.context,
        supported_only=options.supported_only, **_decoding(options),
    )  # fmt: skip
    print(f"{'system':<16}" + "".join(f"{name:>12}" for name in SHOWN))
    for label, prefix in (
        (results["system"], ""),
        ("nearest image", "nearest_image_"),
        ("of same account", "nearest_account_"),
        ("most frequent", "most_frequent_"),
        ("images swapped", "swapped_"),
    ):
        if prefix + "cider" in results:
            print(f"{label:<16}" + "".join(f"{_cell(results.get(prefix + name)):>12}" for name in SHOWN))
    for label, prefix in ((results["system"], ""), ("references", "reference_")):
        if "facts_hidden" in results:
            true, false = (results[f"{prefix}facts_hidden{end}"] for end in ("", "_false"))
            print(f"{label}: {true:.2f} true and {false:.2f} false hidden facts a text")
    log(f"{results['images']} images of {results['data']} ({results['split']}); written to {options.out}")
    _next(f"compare {shlex.quote(str(options.out))} FOLDER ...  (one folder a seed)")


def _next(command):
    log(f"next: python -m img2tweet_tf {command}")


def _cell(value):
    return "-" if value is None else f"{value:.3f}" if value < 1e6 else f"{value:.3g}"


def _collect(options):
    from img2tweet_tf import collect

    if options.refresh:
        log(f"{options.out}: {collect.refresh(options.out)} pairs dropped, whose posts are gone")
        return
    if not (options.network and options.accounts):
        raise Img2TweetError("collect: name a network by --from and a file of --accounts, or --refresh what is there")
    accounts = collect.read_accounts(options.accounts)
    new = collect.collect(
        options.network, accounts, options.out, options.server, at_most=options.at_most, replies=options.replies
    )
    log(f"{options.out}: {new:,} new pairs")
    _next(f"train --data {shlex.quote(str(options.out))} --model show_attend_tell --context phone --out runs/mine")


def _import(options):
    from img2tweet_tf.collect import import_archive

    pairs = import_archive(
        options.kind, options.source, options.out, options.account, replies=options.replies, private=options.private
    )
    log(f"{options.out}: {pairs:,} pairs")
    _next(f"train --data {shlex.quote(str(options.out))} --model show_attend_tell --context phone --out runs/mine")


def _study_build(options):
    from img2tweet_tf.study import build_study

    build_study(
        options.systems, options.data, options.out, options.human, options.items, options.raters, options.seed,
        options.split, options.language, options.questions,
    )  # fmt: skip
    study = shlex.quote(str(options.out))
    _next(f"study analyse {study} ANSWERS --out {study}/report")


def _study_serve(options):
    from img2tweet_tf.study.serve import serve_study

    serve_study(options.study, options.host, options.port)


def _study_analyse(options):
    from img2tweet_tf.study import analyse_study

    found = analyse_study(options.study, options.answers, options.out, options.simulated)
    for question, of in found["questions"].items():
        said = ", ".join(
            f"{system} {each['mean']:.2f} [{each['low']:.2f}, {each['high']:.2f}]"
            for system, each in of["systems"].items()
        )
        print(f"{question}: {said}")


def _study_power(options):
    from img2tweet_tf.study import study_power

    print(f"{'difference':>10} {'power':>7}   95 %")
    for row in study_power(options.raters, options.items, options.systems, samples=options.samples, seed=options.seed):
        print(f"{row['difference']:>10.1f} {row['power']:>7.2f}   [{row['low']:.2f}, {row['high']:.2f}]")
    log("difference of mean answers between one system and the others, in points of five; at 0: false alarms")


def _compare(options):
    from img2tweet_tf.evaluation.compare import as_text, compare

    table = compare(options.folders)
    print(json.dumps(table, indent=1) if options.json else as_text(table, len(options.folders)))


def _results(options):
    from img2tweet_tf.results import run_experiment, write_tables

    names = options.names or sorted(file.stem for file in Path("configs").glob("*.yaml"))
    if not names:
        raise Img2TweetError("no configs/ here; run this in a checkout")
    for name in () if options.tables else names:
        run_experiment(name)
    for file in write_tables():
        log(f"{file}: tables written")


def _decoding(options):
    """Returns the options of writing that were given."""
    from img2tweet_tf.generation import Decoding
    from img2tweet_tf.utils.settings import settings

    given = {name: getattr(options, name) for name in settings(Decoding)}
    return {name: value for name, value in given.items() if value is not None}


def _parser():
    parser = _Parser(prog="python -m img2tweet_tf", description="Write the tweet that a person would have posted.")
    parser.add_argument("--version", action="version", version=f"img2tweet {metadata.version('img2tweet-tf')}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    sample = _command(commands, "sample", _sample, "make a pairs folder of the embedded sample world")
    sample.add_argument("--out", type=_folder, metavar="FOLDER", help="new folder for the pairs")
    sample.add_argument(
        "--pairs", type=_whole(1), default=1600, metavar="N", help="how many pairs to train on (default %(default)s)"
    )
    sample.add_argument(
        "--hidden-share",
        type=_share,
        default=0.5,
        metavar="X",
        help="how much of the tweets rests on facts that no pixel shows, 0 to 1 (default %(default)s)",
    )
    sample.add_argument(
        "--check", action="store_true", help="look for mistakes in the YAML files of the world; make nothing"
    )
    _seed(sample)

    from img2tweet_tf.training import TrainConfig

    train = _command(commands, "train", _train, "train a captioner and save it")
    train.add_argument(
        "--data", required=True, metavar="NAME|FOLDER", help='"sample", a name in the data home, a pairs folder'
    )
    _pairs_of_sample(train, "1600")
    train.add_argument(
        "--out", type=_folder, required=True, metavar="RUN", help="folder for the run and the saved captioner"
    )
    train.add_argument("--resume", action="store_true", help="go on with the run in --out")
    _settings_of(train, TrainConfig)

    tweet = _command(commands, "tweet", _tweet, "write a tweet for each image")
    tweet.add_argument("--model", required=True, metavar="RUN", help="saved captioner")
    tweet.add_argument("images", nargs="+", metavar="IMAGE", help="image files, or folders of them")
    tweet.add_argument("--as", dest="account", metavar="ACCOUNT", help="who posts, for a captioner with context")
    tweet.add_argument("--context", type=Path, metavar="FILE", help='JSON file of facts: {"city": "Lisbon"}')
    tweet.add_argument("--json", action="store_true", help="print one JSON object a line")
    _decoding_arguments(tweet)

    evaluate = _command(commands, "evaluate", _evaluate, "measure a captioner beside trivial systems")
    evaluate.add_argument("--model", required=True, metavar="RUN", help="saved captioner")
    evaluate.add_argument("--data", required=True, metavar="NAME|FOLDER", help="pairs to evaluate on")
    _pairs_of_sample(evaluate, "as the captioner was")
    evaluate.add_argument("--target", choices=("tweet", "caption"), help="default: what the captioner was trained on")
    evaluate.add_argument(
        "--split", default="test", metavar="NAME", help="train, val, test or all (default %(default)s)"
    )
    evaluate.add_argument(
        "--out", type=_folder, required=True, metavar="FOLDER", help="for metrics.json and predictions.jsonl"
    )
    kinds = "none, account, phone, facts, typed, or a control: shuffled, stale, noise"
    evaluate.add_argument("--context", metavar="KIND", help=f"what is told of each pair: {kinds} (default: as trained)")
    _decoding_arguments(evaluate)

    compare = _command(commands, "compare", _compare, "pool evaluations of several seeds, with intervals")
    compare.add_argument("folders", nargs="+", metavar="FOLDER", help="what evaluate --out left, one folder a seed")
    compare.add_argument("--json", action="store_true", help="print the table as JSON")

    _collecting_arguments(commands)
    _study_arguments(commands)

    results = _command(commands, "results", _results, "train and evaluate experiments of configs/ into results/")
    results.add_argument("names", nargs="*", metavar="NAME", help="which (default: all); those done are not repeated")
    results.add_argument("--tables", action="store_true", help="only write the tables of README and docs anew")
    return parser


def _collecting_arguments(commands):
    from img2tweet_tf.collect import ARCHIVES, AT_MOST, NETWORKS

    collect = _command(commands, "collect", _collect, "collect image-tweet pairs of accounts of the social web")
    collect.add_argument("--from", dest="network", choices=NETWORKS, help="the network")
    collect.add_argument(
        "--accounts", type=Path, metavar="FILE", help="YAML: a list of names, or such lists by category"
    )
    collect.add_argument("--out", type=_folder, required=True, metavar="FOLDER", help="for the pairs; goes on with it")
    collect.add_argument("--server", metavar="URL", help="ask this server in place of the network's own")
    collect.add_argument(
        "--at-most",
        type=_whole(1),
        default=AT_MOST,
        metavar="N",
        help="new pairs in all, shared among the accounts; of x, posts that are read and paid (default %(default)s)",
    )
    collect.add_argument("--replies", action="store_true", help="keep replies, too")
    collect.add_argument("--refresh", action="store_true", help="drop the pairs in --out whose posts are gone")

    archive = _command(commands, "import", _import, "read an archive of posts into a pairs folder")
    archive.add_argument("kind", choices=ARCHIVES, metavar="KIND", help=", ".join(ARCHIVES))
    archive.add_argument("source", metavar="SOURCE", help="the archive; of huggingface a name or a folder")
    archive.add_argument("--out", type=_folder, required=True, metavar="FOLDER", help="new folder for the pairs")
    archive.add_argument("--account", metavar="NAME", help="whose posts these are, where the archive does not say it")
    archive.add_argument("--replies", action="store_true", help="keep replies, too")
    archive.add_argument("--private", action="store_true", help="keep posts, too, that not everybody could see")


def _study_arguments(commands):
    study = commands.add_parser("study", help="a questionnaire for people, and its analysis").add_subparsers(
        title="commands", metavar="COMMAND", required=True
    )
    build = _command(study, "build", _study_build, "make a blind, balanced questionnaire, a form for each rater")
    build.add_argument(
        "--systems", nargs="+", default=[], metavar="RUN", help="saved captioners, or what evaluate --out left"
    )
    build.add_argument("--human", action="store_true", help="judge the pairs' own tweets, too")
    build.add_argument("--data", required=True, metavar="NAME|FOLDER", help="pairs that the images are of")
    build.add_argument("--split", default="test", metavar="NAME", help="their part (default %(default)s)")
    build.add_argument("--items", type=_whole(1), default=30, metavar="N", help="images (default %(default)s)")
    build.add_argument("--raters", type=_whole(1, 10_000), default=35, metavar="N", help="forms (default %(default)s)")
    build.add_argument("--language", default="en", metavar="L", help="en or ja, or one of --questions")
    build.add_argument("--questions", type=Path, metavar="FILE", help="YAML file of texts in place of the package's")
    build.add_argument("--out", type=_folder, required=True, metavar="STUDY", help="new folder")
    _seed(build)

    serve = _command(study, "serve", _study_serve, "collect answers on one machine of a laboratory")
    serve.add_argument("study", type=Path, metavar="STUDY")
    serve.add_argument("--host", default="127.0.0.1", help="0.0.0.0 for the whole network (default %(default)s)")
    serve.add_argument("--port", type=_whole(1, 65535), default=8000, help="default %(default)s")

    analyse = _command(study, "analyse", _study_analyse, "analyse answers")
    analyse.add_argument("study", type=Path, metavar="STUDY")
    analyse.add_argument("answers", nargs="*", metavar="ANSWERS", help="files or folders, besides what serve has got")
    analyse.add_argument("--out", type=_folder, metavar="FOLDER", help="for analysis.json and report.html")
    analyse.add_argument("--simulated", action="store_true", help="say on every figure that the raters are simulated")

    power = _command(study, "power", _study_power, "what a study can detect, by simulation")
    for name, default, least in (("raters", 35, 6), ("items", 30, 2), ("systems", 3, 2), ("samples", 200, 10)):
        power.add_argument(f"--{name}", type=_whole(least, 100_000), default=default, help="default %(default)s")
    _seed(power)


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message):
        raise Img2TweetError(f"{message} (see {self.prog} --help)")


def _command(commands, name, run, what):
    command = commands.add_parser(name, help=what, description=what[0].upper() + what[1:] + ".")
    command.set_defaults(run=run)
    return command


def _settings_of(command, kind, defaults=True):
    """Adds an option for each field of a dataclass of settings; without `defaults` one that isn't given is None."""
    from img2tweet_tf.utils.settings import expected, in_range, settings

    for name, of in settings(kind).items():
        says = of.metadata
        options = {"dest": name, "default": of.default if defaults else None, "help": says["says"]}
        if name == "model":
            options["required"] = True
        if of.type is bool:
            options["action"] = argparse.BooleanOptionalAction
        elif of.type is dict:
            options |= {"type": _size, "action": "append", "default": None, "metavar": "SIZE=VALUE"}
        elif of.type is tuple:
            options |= {"nargs": "+", "metavar": says["metavar"]}
        elif "choices" in says or of.type in (str, str | None):
            options |= {key: says[key] for key in ("choices", "metavar") if key in says}
        else:
            whole = of.type in (int, int | None)
            options |= {
                "type": lambda text, whole=whole, of=of: _number(
                    text, lambda value: in_range(value, of.metadata), expected(of), whole
                ),
                "metavar": "N" if whole else "X",
            }
            if "const" in says:
                options |= {"nargs": "?", "const": says["const"]}
        if options["default"] not in (None, True, False, ()) and of.type is not dict and name != "model":
            options["help"] += " (default %(default)s)"
        command.add_argument(f"--{says.get('flag', name).replace('_', '-')}", **options)


def _pairs_of_sample(command, default):
    says = f"of the sample: how many to train on (default: {default})"
    command.add_argument("--pairs", type=_whole(1), metavar="N", help=says)


def _seed(command, default=0):
    says = "same seed, same result" + ("" if default is None else " (default %(default)s)")
    command.add_argument("--seed", type=_whole(0, 2**32 - 1), default=default, metavar="S", help=says)


def _decoding_arguments(command):
    from img2tweet_tf.generation import Decoding

    group = command.add_argument_group("how to write", "What isn't given is as saved with the captioner.")
    _settings_of(group, Decoding, defaults=False)
    group.add_argument(
        "--supported-only", action="store_true", help="write no name, number, place or date that no fact supports"
    )


def _whole(least, most=10**9):
    def whole(text):
        if not (text.isdecimal() and len(text) < 20 and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(f"expected a whole number from {least} to {most}, got {text}")
        return int(text)

    return whole


def _folder(text):
    if not text:
        raise argparse.ArgumentTypeError("expected a folder, got nothing")
    return Path(text)


def _share(text):
    return _number(text, lambda value: 0 <= value <= 1, "a number from 0 to 1")


def _number(text, good, what, whole=False):
    """Returns the number in a text that is good; a whole one as int."""
    try:
        value = int(text) if whole and text.isdecimal() and len(text) < 20 else float(text)
        if good(value) and isinstance(value, int) >= whole:
            return value
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"expected {what}, got {text}")


def _size(text):
    name, equals, value = text.partition("=")
    try:
        return name, json.loads(value.lower() if value in ("True", "False") else value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected SIZE=VALUE such as units=512, got {text}") from None

