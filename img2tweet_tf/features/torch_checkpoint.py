"""Reads a legacy-format torch checkpoint (a state dict) without torch: an unpickler that admits nothing but tensors.

The format is five pickles and raw numbers: a magic number, a protocol version, a description of the machine that wrote
it, the state dict (tensors are views of storages, which are named by a persistent id), the list of storage names, then
for each storage its length (8 bytes, little endian) and its numbers.
"""

import hashlib
import io
import pickle
from collections import OrderedDict
from pathlib import Path

import numpy as np

from img2tweet_tf.utils.errors import Img2TweetError

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001
STORAGE_TYPES = {
    "DoubleStorage": "<f8",
    "FloatStorage": "<f4",
    "HalfStorage": "<f2",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ShortStorage": "<i2",
    "CharStorage": "i1",
    "ByteStorage": "u1",
    "BoolStorage": "?",
}


def read_torch_checkpoint(path, sha256):
    """Reads a state dict as numpy arrays, after checking that the file is the one that was expected.

    Args:
        path: the checkpoint, a file of torch's legacy (before 1.6) format.
        sha256: hex digest that the file must have; nothing is unpickled before it was checked.

    Returns:
        dict of parameter name -> numpy array, in the file's order.

    Raises:
        Img2TweetError: the file is missing, has another digest, or holds anything but tensors.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Img2TweetError(f"{path}: cannot read the checkpoint ({error.strerror})") from None
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise Img2TweetError(
            f"{path}: not the expected checkpoint (SHA-256 should be {sha256[:12]}..., is {found[:12]}...); "
            "install its package again"
        )
    try:
        return _read_state_dict(io.BytesIO(content))
    except (pickle.UnpicklingError, EOFError, ValueError, TypeError, AttributeError, IndexError, KeyError) as error:
        raise Img2TweetError(f"{path}: not a legacy torch checkpoint of tensors only ({error})") from None


class _Storage:
    """Numbers that tensors are views of; they come after the pickles, so tensors wait for `data`."""

    def __init__(self, dtype, length):
        self.dtype, self.length, self.data = np.dtype(dtype), length, None


class _Tensor:
    """A view of a storage: offset, shape and strides, all counted in elements."""

    def __init__(self, storage, offset, shape, strides):
        if not isinstance(storage, _Storage) or len(shape) != len(strides):
            raise pickle.UnpicklingError("a tensor without a storage")
        self.storage, self.offset, self.shape, self.strides = storage, offset, shape, strides

    def array(self):
        """Returns a copy as a numpy array, after checking that the view stays inside its storage."""
        last = self.offset + sum((n - 1) * step for n, step in zip(self.shape, self.strides, strict=True))
        inside = 0 <= self.offset and last < self.storage.length and min(self.strides, default=0) >= 0
        if 0 in self.shape:
            return np.zeros(self.shape, self.storage.dtype)
        if not inside:
            raise ValueError("a tensor reaches outside its storage")
        size = self.storage.dtype.itemsize
        strides = [step * size for step in self.strides]
        view = np.lib.stride_tricks.as_strided(self.storage.data[self.offset :], self.shape, strides, writeable=False)
        return view.copy()


def _rebuild_tensor(storage, offset, shape, strides, requires_grad=False, hooks=None, metadata=None):
    """Stands in for `torch._utils._rebuild_tensor_v2`."""
    return _Tensor(storage, offset, shape, strides)


class _TensorsOnly(pickle.Unpickler):
    """An unpickler for which no class exists but ordered dicts, tensors and their storages."""

    def __init__(self, file, storages):
        super().__init__(file)
        self.storages = storages

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuild_tensor
        if module == "torch" and name in STORAGE_TYPES:
            return name
        raise pickle.UnpicklingError(f"{module}.{name} is not allowed")

    def persistent_load(self, pid):
        kind, storage_type, key, _location, length, view = pid
        if kind != "storage" or view is not None or storage_type not in STORAGE_TYPES:
            raise pickle.UnpicklingError("an unknown kind of storage")
        return self.storages.setdefault(key, _Storage(STORAGE_TYPES[storage_type], length))


def _read_state_dict(file):
    storages = {}
    for what, expected in (("magic number", MAGIC), ("protocol", PROTOCOL)):
        if _TensorsOnly(file, storages).load() != expected:
            raise ValueError(f"another {what}")
    _TensorsOnly(file, storages).load()  # the machine that wrote the file; numbers are little endian in every file
    state = _TensorsOnly(file, storages).load()
    for key in _TensorsOnly(file, storages).load():
        storage = storages[key]
        (length,) = np.frombuffer(file.read(8), "<i8")
        content = file.read(int(length) * storage.dtype.itemsize)
        if length != storage.length or len(content) != storage.length * storage.dtype.itemsize:
            raise ValueError("a storage is cut short")
        storage.data = np.frombuffer(content, storage.dtype)
    if not isinstance(state, dict) or not all(isinstance(tensor, _Tensor) for tensor in state.values()):
        raise ValueError("not a flat dict of tensors")
    return {name: tensor.array() for name, tensor in state.items()}
