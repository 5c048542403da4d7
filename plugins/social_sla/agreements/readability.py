"""How easily a text reads: Flesch's formula and its kin, one a language; sentence length where there is none.

| language | formula (S = words a sentence, Y = syllables a word) | from |
|---|---|---|
| en | 206.835 − 1.015 S − 84.6 Y | Flesch 1948 |
| de | 180 − S − 58.5 Y | Amstad 1978 |
| es | 206.84 − 1.02 S − 60 Y | Fernández Huerta 1959 |
| fr | 207 − 1.015 S − 73.6 Y | Kandel and Moles 1958 |

60 and more is plain language. A number and an abbreviation in capitals are a word of one syllable.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

PLAIN_SCORE = 60.0
LONGEST_SENTENCE_WORDS = 25
LONGEST_MEAN_WORDS = 15.0

_FORMULAS = {
    "en": (206.835, 1.015, 84.6),
    "de": (180.0, 1.0, 58.5),
    "es": (206.84, 1.02, 60.0),
    "fr": (207.0, 1.015, 73.6),
}
_VOWELS = {
    "en": "aeiouy",
    "de": "aeiouyäöü",
    "es": "aeiouáéíóúü",
    "fr": "aeiouyàâäéèêëîïôöûùüœæ",
}
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


@dataclass(frozen=True)
class Readability:
    """How a text reads. `score` is Flesch's or its kin, None for a language without formula."""

    score: float | None
    word_count: int
    sentence_count: int
    longest_sentence_words: int

    @property
    def is_plain(self) -> bool:
        """60 and more, and no sentence of more than 25 words; without formula, 15 words a sentence on average."""
        if self.longest_sentence_words > LONGEST_SENTENCE_WORDS:
            return False
        if self.score is None:
            return self.sentence_count == 0 or self.word_count / self.sentence_count <= LONGEST_MEAN_WORDS
        return self.score >= PLAIN_SCORE


def readability(text: str, language: str) -> Readability:
    """How `text` reads in a language, given by its code (`de-AT` counts as `de`)."""
    main = language.partition("-")[0]
    sentences = [words for part in re.split(r"[.!?;:]+(?:\s+|$)", text) if (words := _WORD.findall(part))]
    words = [word for sentence in sentences for word in sentence]
    score = None
    if main in _FORMULAS and words:
        base, of_sentence, of_word = _FORMULAS[main]
        syllable_count = sum(syllables(word, main) for word in words)
        score = round(base - of_sentence * len(words) / len(sentences) - of_word * syllable_count / len(words), 1)
    return Readability(score, len(words), len(sentences), max((len(sentence) for sentence in sentences), default=0))


def syllables(word: str, language: str) -> int:
    """Syllables of a word, by its groups of vowels; at least one.

    English and French do not speak an e at the end (nor French -es, -ent is left alone); Spanish parts two strong
    vowels and one with an accent on i or u.
    """
    small = word.casefold()
    if not any(letter.isalpha() for letter in small) or (word.isupper() and len(word) <= 4):
        return 1
    vowels = _VOWELS[language]
    if language == "es":
        small = re.sub(r"(?<=[gq])u(?=[eiéí])", "", small)
        small = re.sub(r"(?<=[aeoáéó])(?=[aeoáéóíú])|(?<=[íú])(?=[aeoáéó])", "-", small)
    if language == "en":
        small = re.sub(r"(?<=[^aeiouy])e$|(?<=[^aeiouytd])ed$", "", small) if not small.endswith("le") else small
    if language == "fr":
        small = re.sub(r"(?<=[^aeiouyàâéèêëîïôûùü])es?$", "", small)
        small = re.sub(r"(?<=[gq])u(?=[eiéè])", "", small)
    if language == "de":
        # Two vowels that are two syllables: what is no diphthong.
        small = re.sub(r"(?<=[aeiouäöü])(?=[aeiouäöü])", "-", re.sub(r"ie|ei|ai|au|eu|äu|aa|ee|oo|ey|ay", "a", small))
    return max(len(re.findall(f"[{vowels}]+", small)), 1)
