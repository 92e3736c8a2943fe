"""Torch's legacy checkpoints are read without torch, and nothing but tensors gets in."""

import hashlib
import os
import pickle
import sys
import types
from collections import OrderedDict

import numpy as np
import pytest

from img2tweet_tf.features import torch_checkpoint
from img2tweet_tf.features.torch_checkpoint import MAGIC, PROTOCOL, read_torch_checkpoint
from img2tweet_tf.utils.errors import Img2TweetError


class Storage:
    """What the pickler below writes as a persistent id."""

    def __init__(self, key, values):
        self.key, self.values = key, values


class Call:
    """Pickles as a call: `function(*arguments)` when it is unpickled."""

    def __init__(self, function, *arguments):
        self.function, self.arguments = function, arguments

    def __reduce__(self):
        return self.function, self.arguments


@pytest.fixture
def torch_names(monkeypatch):
    """Gives `torch` just the two names that a state dict mentions, so that pickles naming them can be written."""

    def name(module, qualified):
        stand_in = type(qualified, (), {"__module__": module})
        setattr(sys.modules[module], qualified, stand_in)
        return stand_in

    for module in ("torch", "torch._utils"):
        monkeypatch.setitem(sys.modules, module, types.ModuleType(module))
    monkeypatch.setattr(sys.modules["torch"], "_utils", sys.modules["torch._utils"], raising=False)
    return name("torch._utils", "_rebuild_tensor_v2"), name("torch", "FloatStorage")


def write(path, state, storages, storage_class=None, cut=0):
    """Writes a legacy checkpoint; returns its SHA-256."""

    class Pickler(pickle.Pickler):
        def persistent_id(self, value):
            if isinstance(value, Storage):
                return "storage", storage_class, value.key, "cpu", len(value.values), None

    with open(path, "wb") as file:
        for part in (MAGIC, PROTOCOL, {"little_endian": True}, state, [storage.key for storage in storages]):
            Pickler(file, 2).dump(part)
        for storage in storages:
            file.write(np.int64(len(storage.values)).tobytes() + np.asarray(storage.values, "<f4").tobytes())
    content = path.read_bytes()[: -cut or None]
    path.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def test_tensors_come_back_with_their_shapes_and_strides(tmp_path, torch_names):
    rebuild, floats = torch_names
    storage = Storage("1", np.arange(8.0))
    state = OrderedDict(
        whole=Call(rebuild, storage, 0, (2, 4), (4, 1), False, OrderedDict()),
        turned=Call(rebuild, storage, 2, (3, 2), (1, 3), False, OrderedDict()),
        single=Call(rebuild, storage, 7, (), (), False, OrderedDict()),
    )
    found = read_torch_checkpoint(tmp_path / "a.pth", write(tmp_path / "a.pth", state, [storage], floats))
    assert found["whole"].tolist() == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert found["turned"].tolist() == [[2, 5], [3, 6], [4, 7]]
    assert found["single"] == 7 and found["whole"].dtype == np.float32


def test_a_view_outside_its_storage_is_refused(tmp_path, torch_names):
    rebuild, floats = torch_names
    storage = Storage("1", np.arange(8.0))
    state = OrderedDict(x=Call(rebuild, storage, 1, (2, 4), (4, 1), False, OrderedDict()))
    digest = write(tmp_path / "a.pth", state, [storage], floats)
    with pytest.raises(Img2TweetError, match="outside its storage"):
        read_torch_checkpoint(tmp_path / "a.pth", digest)


def test_a_file_that_is_cut_short_is_refused(tmp_path, torch_names):
    rebuild, floats = torch_names
    storage = Storage("1", np.arange(8.0))
    state = OrderedDict(x=Call(rebuild, storage, 0, (8,), (1,), False, OrderedDict()))
    for cut in (1, 30, 100):
        digest = write(tmp_path / "a.pth", state, [storage], floats, cut)
        with pytest.raises(Img2TweetError, match="a.pth: not a legacy torch checkpoint"):
            read_torch_checkpoint(tmp_path / "a.pth", digest)


@pytest.mark.parametrize(
    "function, arguments",
    [
        (os.system, ("touch {}",)),
        (open, ("{}", "w")),
        (eval, ("__import__('pathlib').Path('{}').touch()",)),
    ],
)
def test_a_malicious_pickle_is_refused_before_it_runs(tmp_path, function, arguments):
    mark = tmp_path / "mark"
    state = {"x": Call(function, *[argument.format(mark) for argument in arguments])}
    digest = write(tmp_path / "a.pth", state, [])
    with pytest.raises(Img2TweetError, match="is not allowed"):
        read_torch_checkpoint(tmp_path / "a.pth", digest)
    assert not mark.exists()


def test_nothing_is_unpickled_from_a_file_with_another_hash(tmp_path, monkeypatch):
    digest = write(tmp_path / "a.pth", {}, [])
    (tmp_path / "a.pth").write_bytes((tmp_path / "a.pth").read_bytes() + b"x")
    monkeypatch.setattr(torch_checkpoint, "_read_state_dict", lambda file: pytest.fail("unpickled"))
    with pytest.raises(Img2TweetError, match="not the expected checkpoint"):
        read_torch_checkpoint(tmp_path / "a.pth", digest)
    with pytest.raises(Img2TweetError, match="cannot read"):
        read_torch_checkpoint(tmp_path / "absent.pth", digest)
