"""The options of writing: one dataclass, read by `decode`, the command line and a saved captioner's defaults."""

from dataclasses import dataclass

from img2tweet_tf.utils.errors import Img2TweetError
from img2tweet_tf.utils.log import log
from img2tweet_tf.utils.settings import check_settings, setting, settings

METHODS = ("greedy", "beam", "top_k", "nucleus")
SAMPLING = ("top_k", "nucleus")
_SEVERAL = ("beam", *SAMPLING)


@dataclass(frozen=True, kw_only=True)
class Decoding:
    """How texts are written.

    Attributes:
        method: "greedy" takes the likeliest next word; "beam" keeps the `beam_width` likeliest beginnings; "top_k"
            draws the next word from the `top_k` likeliest (Fan et al. 2018); "nucleus" from the fewest whose
            probabilities add up to `top_p` (Holtzman et al. 2020), 1 being the whole distribution.
        beam_width: beginnings kept a step. From the number of all possible texts on, the search is exhaustive.
        length_power: beams compete by log-probability / length ** length_power, the end mark counted in length
            (Wu et al. 2016 without the constants): 0 favours short texts, 1 compares means a word.
        temperature: the logits are divided by this before a word is drawn; below 1 likely words get likelier.
        max_length: most words written, the end mark not counted; a text that hasn't ended by then is cut there.
        min_length: fewest words written.
        no_repeat_ngram: no run of this many words is written twice in a text (Paulus et al. 2018); 0 allows it.
        repetition_penalty: the log-probability of a word that the text has already is multiplied by this when the next
            word is chosen; 1 changes nothing (Keskar et al. 2019, who penalize the logit).
        several: texts for each image: the best of reranking, else the best beams, or as many draws.
        rerank: weight w of log p(text | mean image), which reranking takes off log p(text | image), each divided by
            length ** length_power; 0 reranks nothing, 1 ranks by the pointwise mutual information of text and image
            (Li et al. 2016, MMI-antiLM, of whole texts).
        avoid_copies: whether a text that is, word for word, a training text comes after all others that were found for
            its image (a filter of verbatim memorization as in Ippolito et al. 2023, of whole texts): it is written
            only where there is no other. A text that differs in one word is no copy; hashtags and mentions make no
            difference to a captioner that is told them (context "typed").
        candidates: texts drawn for each image to choose from, by reranking or for want of copies; beam search offers
            its beams.
        seed: of the draws; each image has its own, by its place.
        batch_size: images decoded together; the last batch is filled up, so that one compiled loop serves all.
    """

    method: str = setting("greedy", "how to write", choices=METHODS, flag="decode")
    beam_width: int = setting(3, "beginnings that beam search keeps", least=1, most=1000, methods=("beam",))
    length_power: float = setting(
        0.7, "beam search and reranking: 0 favours short texts, 1 long ones", methods=_SEVERAL
    )
    top_k: int = setting(10, "the likeliest words that top_k draws from", least=1, most=100_000, methods=("top_k",))
    top_p: float = setting(
        0.9, "the share of probability that nucleus draws from, over 0 to 1", over=0, most=1, methods=("nucleus",)
    )
    temperature: float = setting(
        1.0, "of draws: below 1 likely words get likelier, above 1 less so", over=0, most=100, methods=SAMPLING
    )
    max_length: int = setting(30, "most words of a text", least=1, most=1000)
    min_length: int = setting(1, "fewest words of a text", least=1, most=1000)
    no_repeat_ngram: int = setting(0, "write no run of N words twice; 0 allows it", least=0, most=1000)
    repetition_penalty: float = setting(
        1.0, "over 1: words that the text has already get less likely", over=0, most=100
    )
    several: int = setting(1, "texts for each image", least=1, most=1000, methods=_SEVERAL)
    rerank: float = setting(
        0.0, "choose texts that their image makes likelier than a mean image does, with this weight, such as 0.5",
        least=0, most=1, methods=_SEVERAL,
    )  # fmt: skip
    avoid_copies: bool = setting(
        False, "write a training text word for word only where no other text was found", methods=_SEVERAL
    )
    candidates: int = setting(
        10, "texts drawn for reranking, or for avoiding copies, to choose from", least=1, most=1000, methods=SAMPLING
    )
    seed: int = setting(0, "of draws: same seed, same texts", least=0, most=2**32 - 1, methods=SAMPLING)
    batch_size: int = setting(64, "images decoded together", least=1, most=10_000)

    def __post_init__(self):
        check_settings(self)
        if self.method == "beam" and self.several > self.beam_width:
            raise Img2TweetError(f"several: a beam of width {self.beam_width} has no {self.several} texts")
        if self.several > 1 and self.method == "greedy":
            raise Img2TweetError("several: greedy search writes one text; take the method beam, top_k or nucleus")
        if self.min_length > self.max_length:
            raise Img2TweetError(f"min_length {self.min_length} is over max_length {self.max_length}")

    @property
    def draws(self):
        """Whether words are drawn by chance."""
        return self.method in SAMPLING

    @property
    def rows(self):
        """How many texts are written side by side for each image."""
        if self.draws:
            return max(self.several, self.candidates) if self.rerank or self.avoid_copies else self.several
        return self.beam_width if self.method == "beam" else 1


def make_decoding(given, defaults=()):
    """Returns the `Decoding` of options given (a dict) and of defaults for those that are not.

    Raises:
        Img2TweetError: an unknown option, or a value of another type or out of its range.
    """
    there = settings(Decoding)
    if unknown := [name for name in given if name not in there]:
        raise Img2TweetError(f"decoding has no option {unknown[0]} (there are: {', '.join(there)})")
    return Decoding(**{**dict(defaults), **given})


def report_idle(given, decoding):
    """Says in one line each which of the options given (a dict) do nothing with a decoding's method."""
    for name in given:
        methods = settings(Decoding)[name].metadata.get("methods", METHODS)
        if decoding.method not in methods:
            log(f"{name} changes nothing with the method {decoding.method}; it is for {', '.join(methods)}")
