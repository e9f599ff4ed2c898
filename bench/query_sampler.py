"""Sample queries of many kinds from a folder of notes, each with the notes that answer it."""

from __future__ import annotations

import json
import random
import re
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import Stemmer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

WORD = re.compile(r"[^\W\d_]{4,}")
NAME = re.compile(
    r"(?<![\w./@-])(?:--[a-z][a-z-]+[a-z]|[a-z]\w*(?:[._]\w+)+|[a-z]+[A-Z]\w+|[A-Z][a-z]+[A-Z]\w+)(?![\w./-])"
)
DOTTED = re.compile(r"(?<![\w./@-])[A-Za-z]\w+(?:[._:]{1,2}[A-Za-z]\w+){2,}(?![\w./-])")
INVISIBLE = re.compile(
    r"<!--.*?-->|</?[A-Za-z][^<>]*>|\]\([^)]*\)|^\[[^\]]+\]: .*$|https?://\S+", re.DOTALL | re.MULTILINE
)
"""Comments, tags and addresses, whose words are not on the page."""
VERSION = re.compile(r"(?<![\w./-])v?\d+\.\d+(?:\.\d+)+(?![\w/-]|\.\d)")
MARKUP = re.compile(r"[`*]+|(?<!\w)_+(?=\w)|(?<=\w)_+(?!\w)|^#+ |^> ", re.MULTILINE)
ERROR = re.compile(r"\b(?:[A-Za-z]*[Ee]rror|[Ff]ailed|[Cc]annot|[Ii]nvalid|[A-Za-z]*Exception|not found|unable to)\b")
VARIABLE = re.compile(r"['\"`][^'\"`]+['\"`]|(?<!\w)[\w./-]*\d[\w./-]*|(?<!\S)/\S+")
COMMON = re.compile(
    "about|after|also|another|because|been|before|being|between|both|could|does|doing|each|from|have|having|here|into|just"
    "|like|more|most|much|need|only|other|over|same|should|some|such|than|that|their|them|then|there|these|they|this|those"
    "|through|under|until|using|very|want|were|what|when|where|which|while|will|with|without|would|your"
)
QUESTIONS = (
    "how do I {}", "how can I {} properly", "what is the best way to deal with {}", "why would anyone {}",
    "is there some way to get {}", "what should I know about {}", "where can I read more on {}",
)  # fmt: skip
SYNONYMS = {
    "javascript": "js", "typescript": "ts", "kubernetes": "k8s", "postgresql": "postgres", "python": "py",
    "github-actions": "gha", "go": "golang", "machine-learning": "ml", "llms": "large language models",
    "dotnet": ".net", "js": "javascript", "macos": "osx", "observability": "o11y",
    "security": "infosec", "sqlite": "sqlite3", "cpp": "c++",
}  # fmt: skip
"""Other words for the tags of the public collections."""


@dataclass(frozen=True)
class Note:
    """A note: its front matter, its text without markup, and its lines of code."""

    name: str
    title: str
    tags: tuple[str, ...]
    plain: str
    code: tuple[str, ...]

    @cached_property
    def words(self) -> list[str]:
        """Words of the title in lower case, without common ones."""
        return [word for word in WORD.findall(self.title.lower()) if not COMMON.fullmatch(word)]

    @cached_property
    def title_stems(self) -> frozenset[str]:
        """The stems of these words of the title."""
        return _stems(self.words)

    @cached_property
    def text(self) -> str:
        """Title, text and code, in lower case."""
        return " ".join([self.title, self.plain, *self.code]).lower()

    @cached_property
    def stems(self) -> frozenset[str]:
        """The stems of all words."""
        return _stems(WORD.findall(self.text))


def _stems(words: Iterable[str]) -> frozenset[str]:
    return frozenset(Stemmer.Stemmer("english").stemWords(list(words)))


def _is_unambiguous(words: Iterable[str], notes: list[Note]) -> bool:
    """Whether no two notes have all the words in any form; otherwise both would answer a query of these words."""
    wanted = _stems(words)
    return sum(wanted <= note.stems for note in notes) <= 1


def read(folder: Path) -> list[Note]:
    """Read the notes of a folder, sorted by name."""
    notes = []
    for path in sorted(folder.glob("*.md")):
        _start, header, body = path.read_text(encoding="utf-8").split("---\n", 2)
        fields = dict(re.findall(r"^(\w+): (.*)$", header, re.M))
        title, tags = _value(fields["title"]), _value(fields.get("tags", "[]"))
        code = tuple(
            line.strip() for block in re.findall(r"```[^\n]*\n(.*?)```", body, re.S) for line in block.split("\n")
        )
        text = re.sub(r"```.*?```", " ", body, flags=re.S)
        visible = unescape(INVISIBLE.sub(" ", text))
        plain = " ".join(MARKUP.sub("", re.sub(r"[\[\]|]", " ", visible)).split())
        notes.append(Note(path.stem, title, tuple(tags), plain, code))
    return notes


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return [tag.strip() for tag in text.strip("[]").split(",")] if text.startswith("[") else text.strip("'\"")


def sample(folder: Path, count: int, seed: int) -> list[dict[str, Any]]:
    """Sample at most ``count`` queries of each kind; each has a ``kind``, a ``query`` and its right ``notes``."""
    notes = read(folder)
    queries = []
    for kind, ask in KINDS.items():
        chance = random.Random(f"{seed} {kind}")
        answers: dict[str, tuple[str, ...]] = {}
        for query, right in ask(notes, chance):
            answers.setdefault(query, right)
        chosen = chance.sample(sorted(answers), min(count, len(answers)))
        queries += [{"kind": kind, "query": query, "notes": answers[query]} for query in chosen]
    return queries


Queries = "Iterator[tuple[str, tuple[str, ...]]]"


def _titles(notes: list[Note], chance: random.Random) -> Iterator[tuple[Note, list[str]]]:
    """Three words of each title that no other title contains together, in any form."""
    for note in notes:
        words = note.words
        if len(words) < 3:
            continue
        start = chance.randrange(len(words) - 2)
        chosen = words[start : start + 3]
        stems = _stems(chosen)
        if len(stems) == 3 and sum(stems <= other.title_stems for other in notes) == 1:
            yield note, chosen


def title_words(notes: list[Note], chance: random.Random) -> Queries:
    """Three words of a title."""
    for note, words in _titles(notes, chance):
        yield " ".join(words), (note.name,)


def phrase(notes: list[Note], chance: random.Random) -> Queries:
    """Five consecutive words that only one note contains, in straight or curly quotes."""
    for note in notes:
        for sentence in re.findall(r"(?<=[.] )[A-Z][a-z ]{40,}", note.plain)[:3]:
            text = " ".join(sentence.split()[1:6])
            if sum(text.lower() in other.text for other in notes) == 1:
                yield chance.choice(('"{}"', "“{}”")).format(text), (note.name,)


def plural(notes: list[Note], chance: random.Random) -> Queries:
    """Words of a title, one of them changed to the plural or the singular."""
    for note, words in _titles(notes, chance):
        at = chance.choice([at for at, word in enumerate(words) if not word.endswith("ss")] or [0])
        word = words[at]
        other = word[:-1] if word.endswith("s") else word[:-1] + "ies" if re.search("[^aeiou]y$", word) else word + "s"
        yield " ".join([*words[:at], other, *words[at + 1 :]]), (note.name,)


def accents(notes: list[Note], chance: random.Random) -> Queries:
    """Words of a title with accents added, or with theirs removed."""
    for note, words in _titles(notes, chance):
        plain = "".join(c for c in unicodedata.normalize("NFD", " ".join(words)) if not unicodedata.combining(c))
        marks = str.maketrans("aeiou", "áéíöü")
        yield plain.translate(marks) if plain == " ".join(words) else plain, (note.name,)


def _owners(notes: list[Note], pattern: re.Pattern[str]) -> dict[str, set[str]]:
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for note in notes:
        for match in pattern.findall(" ".join([note.title, note.plain, *note.code])):
            owners[match].add(note.name)
    return owners


def _unique(notes: list[Note], pattern: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """Matches that only one note contains, ignoring case and word boundaries."""
    for match, owners in sorted(_owners(notes, pattern).items()):
        if len(owners) == 1 and sum(match.lower() in note.text for note in notes) == 1:
            yield match, next(iter(owners))


def identifier(notes: list[Note], chance: random.Random) -> Queries:
    """A name that only one note contains, verbatim."""
    for name, owner in _unique(notes, NAME):
        if 5 < len(name) < 40:
            yield name, (owner,)


def unfinished(notes: list[Note], chance: random.Random) -> Queries:
    """Words of a title, the last one unfinished, that match no other title."""
    for note, (first, second, last) in _titles(notes, chance):
        prefix, both = last[: max(3, len(last) - chance.randint(1, 3))], _stems([first, second])
        hits = (both <= other.title_stems and any(word.startswith(prefix) for word in other.words) for other in notes)
        if sum(hits) == 1:
            yield f"{first} {second} {prefix}", (note.name,)


def typo(notes: list[Note], chance: random.Random) -> Queries:
    """Words of a title, with one letter wrong, missing, added or swapped."""
    vocabulary = {word for note in notes for word in WORD.findall(note.plain.lower())}
    for note, words in _titles(notes, chance):
        at = max(range(3), key=lambda index: len(words[index]))
        wrong = _mistype(words[at], chance)
        if len(words[at]) > 4 and wrong not in vocabulary:
            yield " ".join([*words[:at], wrong, *words[at + 1 :]]), (note.name,)


def _mistype(word: str, chance: random.Random) -> str:
    at = chance.randrange(len(word) - 1)
    letter = chance.choice("abcdefghijklmnopqrstuvwxyz")
    kinds = (
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        word[:at] + word[at + 1 :],
        word[:at] + letter + word[at:],
        word[:at] + letter + word[at + 1 :],
    )
    return chance.choice(kinds)


def far_apart(notes: list[Note], chance: random.Random) -> Queries:
    """Three words of one note, at least a hundred words apart, that no other note contains together in any form."""
    words = {note.name: [word.lower() for word in WORD.findall(note.plain)] for note in notes}
    owners = Counter(word for text in words.values() for word in set(text))
    for name, text in words.items():
        rare = [
            (at, word)
            for at, word in enumerate(text)
            if 2 < owners[word] < len(notes) / 12 and not COMMON.fullmatch(word)
        ]
        for _try in range(12):
            if len(rare) < 9:
                break
            chosen = sorted(chance.sample(rare, 3))
            far = all(after[0] - before[0] >= 100 for before, after in pairwise(chosen))
            query = {word for _at, word in chosen}
            if far and len(_stems(query)) == 3 and _is_unambiguous(query, notes):
                shuffled = sorted(query, key=lambda word: chance.random())
                yield " ".join(shuffled), (name,)


def parts(notes: list[Note], chance: random.Random) -> Queries:
    """Two neighboring parts of a name, verbatim or separated by a space."""
    for name, owner in _unique(notes, DOTTED):
        separators = re.findall(r"[._:]{1,2}", name)
        split = re.split(r"[._:]{1,2}", name)
        at = chance.randrange(len(split) - 1)
        if min(len(split[at]), len(split[at + 1])) < 3:
            continue
        query = split[at] + chance.choice((separators[at], " ")) + split[at + 1]
        pattern = re.compile(re.escape(split[at].lower()) + r"[\W_]{1,2}" + re.escape(split[at + 1].lower()))
        if sum(bool(pattern.search(note.text)) for note in notes) == 1:
            yield query, (owner,)


def error(notes: list[Note], chance: random.Random) -> Queries:
    """A line with an error, in which a name, a path or a number is replaced by another.

    Only this note contains all the remaining words.
    """
    lines: defaultdict[str, set[str]] = defaultdict(set)
    for note in notes:
        for line in [*note.code, *re.split(r"(?<=[.:]) ", note.plain)]:
            if ERROR.search(line) and 5 <= len(line.split()) <= 16 and VARIABLE.search(line):
                lines[line].add(note.name)
    for line, owners in sorted(lines.items()):
        variables = list(VARIABLE.finditer(line))
        chosen = chance.choice(variables)
        other = chance.choice(("'frobnicator'", "/srv/quux/a.log", "48213", "worker-77", '"zork"'))
        rest = [line[: chosen.start()], line[chosen.end() :]]
        words = WORD.findall(" ".join(rest).lower())
        if len(owners) == 1 and len(words) >= 3 and _is_unambiguous(words, notes):
            yield other.join(rest).replace('"', ""), tuple(owners)


def version(notes: list[Note], chance: random.Random) -> Queries:
    """A version that only one note contains, by itself or with a word of the title."""
    for number, owner in _unique(notes, VERSION):
        note = next(note for note in notes if note.name == owner)
        yield chance.choice((number, f"{chance.choice(note.words)} {number}" if note.words else number)), (owner,)


def question(notes: list[Note], chance: random.Random) -> Queries:
    """A title without one of its words, or some words of a sentence, in a question with words of its own."""
    for note in notes:
        words = [word for word in re.findall(r"[\w.+#-]+", note.title.lower()) if word not in {"how", "to", "a", "the"}]
        content = [word for word in words if len(word) > 3]
        if 4 <= len(words) <= 9 and len(content) > 2:
            omitted = chance.choice(content)
            wanted = set(content) - {omitted}
            if sum(wanted <= set(re.findall(r"[\w.+#-]+", other.title.lower())) for other in notes) == 1:
                yield _ask([word for word in words if word != omitted], chance), (note.name,)
        sentences = [WORD.findall(text.lower()) for text in re.findall(r"(?<=[.] )[A-Z][^.]{60,160}\.", note.plain)]
        content_words = [[word for word in text if not COMMON.fullmatch(word)] for text in sentences]
        if long := [text for text in content_words if len(text) >= 7]:
            text = chance.choice(long)
            kept = [text[at] for at in sorted(chance.sample(range(len(text)), 5))]
            if _is_unambiguous(kept, notes):
                yield _ask(kept, chance), (note.name,)


def _ask(words: list[str], chance: random.Random) -> str:
    return chance.choice(QUESTIONS).format(" ".join(words)) + chance.choice(("?", ""))


def synonym(notes: list[Note], chance: random.Random) -> Queries:
    """Another word for a tag, by itself or with a word of a title."""
    tagged: defaultdict[str, list[Note]] = defaultdict(list)
    for note in notes:
        for tag in note.tags:
            tagged[tag.lower()].append(note)
    for tag, other in SYNONYMS.items():
        if tag in tagged:
            yield other, tuple(note.name for note in tagged[tag])
        for note in chance.sample(tagged[tag], min(4, len(tagged[tag]))):
            words = [
                word for word in note.words if word not in tag and sum(word in one.words for one in tagged[tag]) == 1
            ]
            if words:
                yield f"{other} {chance.choice(words)}", (note.name,)


KINDS: dict[str, Callable[[list[Note], random.Random], Any]] = {
    "title words": title_words,
    "phrase": phrase,
    "plural": plural,
    "accents": accents,
    "identifier": identifier,
    "unfinished word": unfinished,
    "one typo": typo,
    "far apart": far_apart,
    "parts of a name": parts,
    "error message": error,
    "version": version,
    "question": question,
    "synonym": synonym,
}
