"""ROUGE-L as the COCO caption toolkit computes it: F-measure of the longest common subsequence.

Source: Lin (2004), ROUGE: a package for automatic evaluation of summaries; beta is the toolkit's 1.2.
"""

BETA = 1.2


def rouge_l(prediction, references):
    """Returns ROUGE-L in 0..1 of one prediction (list of tokens) against its references (list of lists of tokens).

    Precision and recall are each the best over the references, as in the toolkit. An empty prediction scores 0.
    """
    common = [(longest_common_subsequence(prediction, reference), len(reference)) for reference in references]
    precision = max((shared / len(prediction) for shared, _ in common if prediction), default=0.0)
    recall = max((shared / length for shared, length in common if length), default=0.0)
    if not precision or not recall:
        return 0.0
    return (1 + BETA**2) * precision * recall / (recall + BETA**2 * precision)


def longest_common_subsequence(first, second):
    """Returns the length of the longest common subsequence of two lists."""
    row = [0] * (len(second) + 1)
    for item in first:
        diagonal = 0
        for at, other in enumerate(second, start=1):
            above = row[at]
            row[at] = diagonal + 1 if item == other else max(above, row[at - 1])
            diagonal = above
    return row[-1]
