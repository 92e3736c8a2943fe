"""Reranking: of several texts for an image those first that this image makes likelier than a mean image does."""

import numpy as np

from img2tweet_tf.generation.likelihood import token_nats
from img2tweet_tf.text import Vocabulary


def rerank(model, inputs, mean_image, texts, log_probabilities, decoding):
    """Orders the texts of each image by (log p(text | image) - w log p(text | mean image)) / length ** length_power.

    What fits any image is likely without it, too. With w = 1 and no length this is the pointwise mutual information.

    Args:
        model: a captioner of `models`.
        inputs: dict of images (B, rows, cols, C) as "image" and, for a captioner with context, their facts.
        mean_image: (C,), the mean pooled features of the training images; it stands for an image that says nothing.
        texts: for each image a list of texts, lists of ids.
        log_probabilities: for each image those of its texts given the image.
        decoding: `Decoding` with `rerank`, the weight w, and `length_power`.

    Returns:
        texts and log_probabilities, changed in place: in their new order, each text once.

    Source: Li et al. 2016, "A diversity-promoting objective function for neural conversation models", eq. 9, where
    the language model's place is taken by the captioner before a mean image.
    """
    ids = np.full((len(texts), decoding.rows, decoding.max_length + 2), Vocabulary.PAD, np.int32)  # compiled once
    for image, of_image in enumerate(texts):
        for place, text in enumerate(of_image):
            ids[image, place, : len(text) + 2] = [Vocabulary.START, *text, Vocabulary.END]
    vague = np.broadcast_to(np.asarray(mean_image, np.float32), inputs["image"].shape)
    real = ids[..., 1:] != Vocabulary.PAD
    without = -(token_nats(model, {**inputs, "image": vague}, ids) * real).sum(axis=-1)
    lengths = real.sum(axis=-1)
    for image, scores in enumerate(log_probabilities):
        count = len(scores)
        gains = np.array(scores) - decoding.rerank * without[image, :count]
        best = np.argsort(-gains / lengths[image, :count] ** decoding.length_power, kind="stable")
        best = {tuple(texts[image][place]): place for place in best}.values()  # of equal texts one
        texts[image] = [texts[image][place] for place in best]
        log_probabilities[image] = [scores[place] for place in best]
    return texts, log_probabilities
