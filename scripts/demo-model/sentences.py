"""French IT-helpdesk sentences, of technician and caller.

`sentence(rng, split)` gives a text. Splits: 'train', 'test_template' (templates never used in training), 'test_slots'
(templates of the training, words in slots never so combined there). Run as a program it shows samples and counts words.
"""

import hashlib
import os
import random
import re

from dialogues import DIALOGUES
from spoken import GRAMMAR, WORDS as NAMES, slot_values

SLOTS = {name: slot_values(entry) for name, entry in GRAMMAR["slots"].items()}
TEMPLATES = GRAMMAR["templates"]
SLOT = re.compile(r"\{(\w+)\}")
WORD = re.compile(r"[\wÀ-ÿ']+(?:-[\wÀ-ÿ']+)*")
# Share of training texts cut together from pieces of several sentences.
MOSAIC = float(os.environ.get("MOSAIC", "0.3"))
LONGEST = 110

CONTRACTIONS = (
    (" de le ", " du "),
    (" de les ", " des "),
    (" à le ", " au "),
    (" à les ", " aux "),
    ("que i", "qu'i"),
    (" de un", " d'un"),
    (" de A", " d'A"),
    (" de É", " d'É"),
    (" de en ", " d'en "),
    (" de o", " d'o"),
    (" de a", " d'a"),
    (" de é", " d'é"),
    (" de i", " d'i"),
)
# Fixed phrases that lose their capital behind a comma; names keep theirs.
PHRASES = (
    "Bonne",
    "Au revoir",
    "À bientôt",
    "Bon ",
    "À demain",
    "Excellente",
    "Merci",
    "Je vous remercie",
    "C'est parfait",
    "Super",
)


def expand(text, r):
    """Fills the slots from left to right; what fills one may have slots of its own."""
    while True:
        slot = SLOT.search(text)
        if not slot:
            return text
        values = SLOTS[slot.group(1)]
        value = values(r) if callable(values) else r.choice(values)
        text = text[: slot.start()] + value + text[slot.end() :]


def tidy(text):
    """Spaces, contractions and capitals as one writes them."""
    text = re.sub(r"\s+", " ", text).strip()
    for loose, right in CONTRACTIONS:
        text = text.replace(loose, right)
    text = re.sub(r"(^|[.?] )(\w)", lambda m: m.group(1) + m.group(2).upper(), text)
    for phrase in PHRASES:
        small = phrase[0].lower() + phrase[1:]
        text = text.replace(", " + phrase, ", " + small).replace(" et " + phrase, " et " + small)
    return text


def _hash(text):
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")


def _slot_texts():
    return [value for values in SLOTS.values() if not callable(values) for value in values]


def _literal_words(template):
    return {word.lower() for word in WORD.findall(SLOT.sub(" ", template))}


def _held_out():
    """A ninth of the templates, none of whose words would be missing from the training."""
    count = {}
    for template in TEMPLATES:
        for word in _literal_words(template):
            count[word] = count.get(word, 0) + 1
    in_slots = {word.lower() for text in _slot_texts() for word in WORD.findall(text)}
    held = []
    for template in sorted(TEMPLATES, key=_hash):
        if len(held) >= len(TEMPLATES) // 9:
            break
        words = _literal_words(template)
        known = all(count[word] >= 2 or word in in_slots for word in words)
        if "{" in template and len(words) >= 2 and known:
            held.append(template)
            for word in words:
                count[word] -= 1
    return held


HELD_OUT = _held_out()
TRAINING = [template for template in TEMPLATES if template not in set(HELD_OUT)]
CALL_TEXTS = {turn["text"] for call in DIALOGUES for turn in call["turns"]}
_CAPITAL = {
    word
    for text in NAMES["first"]
    + NAMES["last"]
    + NAMES["city"]
    + NAMES["company"]
    + SLOTS["logiciel"]
    + NAMES["letters"]
    for word in WORD.findall(text)
    if word[0].isupper()
}


def _in_midst(word):
    """The word as it stands inside a sentence: only names keep their capital."""
    return word if word in _CAPITAL or word.isupper() else word[0].lower() + word[1:]


# The words of the demonstration calls (never their sentences), and all words of the training.
CALL_WORDS = sorted({_in_midst(word) for text in CALL_TEXTS for word in re.findall(r"[\w'’-]+", text)})
ALL_WORDS = sorted(
    {_in_midst(word) for text in TRAINING + _slot_texts() for word in WORD.findall(SLOT.sub(" ", text))}
    | set(CALL_WORDS)
)


def mosaic(r):
    """Pieces of sentences in any order: keeps the decoder from learning the templates by heart."""
    if r.random() < 0.2:
        words = [r.choice(ALL_WORDS) for _ in range(r.randrange(3, 9))]
    else:
        words = []
        for _ in range(r.randrange(2, 5)):
            piece = tidy(expand(r.choice(TRAINING), r)).rstrip(" .?").split()
            length = r.randrange(1, 6)
            start = r.randrange(0, max(1, len(piece) - length + 1))
            words += piece[start : start + length]
            if r.random() < 0.25:
                words.append(r.choice(CALL_WORDS))
    words = [
        _in_midst(word.strip(".,?")) + ("," if word.endswith(",") else "")
        for word in words
        if word.strip(".,?")
    ]
    return tidy(" ".join(words).rstrip(",") + r.choice([".", ".", ".", " ?"]))


def _training_sentence(r, kind):
    """`kind` in [0, 1): loose words, loose phrases, two sentences in one breath, or a plain one."""
    if kind < 0.06:
        words = " ".join(r.choice(ALL_WORDS) for _ in range(r.randrange(2, 8)))
        return tidy(words + r.choice([".", ".", " ?"]))
    if kind < 0.10:
        return tidy(" ".join(r.choice(CALL_WORDS) for _ in range(r.randrange(2, 7))) + ".")
    if kind < 0.26:
        first, second = (tidy(expand(r.choice(TRAINING), r)) for _ in range(2))
        return first + " " + second
    if kind < 0.36:
        phrases = [expand(r.choice(["{%s}" % name for name in SLOTS]), r) for _ in range(r.randrange(1, 4))]
        return tidy(", ".join(phrases) + r.choice([".", ".", " ?"]))
    return tidy(expand(r.choice(TRAINING), r))


def _candidate(r, split):
    """A text, or None where it belongs to another split. A twentieth of the longer texts is kept for tests, by hash."""
    if split == "train" and r.random() < MOSAIC:
        return mosaic(r)
    if split == "test_template":
        return tidy(expand(r.choice(HELD_OUT), r))
    kind = r.random()
    text = _training_sentence(r, kind if split == "train" else 1)
    is_test = _hash(text) % 20 == 0
    if split == "test_slots":
        return text if is_test and len(text) >= 25 else None
    return None if kind >= 0.36 and is_test and len(text) > 40 else text


def sentence(r, split="train"):
    """A text of at most 110 characters that is in none of the demonstration calls."""
    while True:
        text = _candidate(r, split)
        if text is not None and text not in CALL_TEXTS and 1 <= len(text) <= LONGEST:
            return text


def main():
    r = random.Random(1)
    print(len(TEMPLATES), "templates,", len(HELD_OUT), "held out;", len(ALL_WORDS), "words")
    for split in ("train", "test_template", "test_slots"):
        print("##", split)
        for _ in range(14):
            print(sentence(r, split))
    known = set()
    for _ in range(30000):
        known |= {word.lower() for word in WORD.findall(sentence(r))}
    print(len(known), "distinct words in 30,000 sentences")
    for split in ("test_template", "test_slots"):
        missing = {word.lower() for _ in range(3000) for word in WORD.findall(sentence(r, split))} - known
        print(split, "unknown words:", sorted(missing)[:40])


if __name__ == "__main__":
    main()
