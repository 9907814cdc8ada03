"""Counting wrong words."""

import re


def words_of(text):
    """Small letters, no punctuation, an apostrophe ends a word."""
    return re.sub(r"[^\w' ]", " ", text.lower().replace("’", "'").replace("'", "' ")).split()


def distance(a, b):
    """Fewest words (or anything comparable) in, out or changed that make `b` of `a`."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (x != y))
    return row[-1]
