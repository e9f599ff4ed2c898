"""The language of the site: translations, date formats and text direction."""

from __future__ import annotations

import datetime
import gettext
import io
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, get_month_names
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parents[1] / "locale"
"""Contains ``<language>/LC_MESSAGES/fieldnotes.po``, which `make words` updates."""


@dataclass(frozen=True)
class Language:
    """A language, by its code: the ``language`` of ``conf.py``. Untranslated text stays English."""

    code: str = "en"

    @property
    def tag(self) -> str:
        """The BCP 47 code, for HTML and Atom."""
        return self.code.replace("_", "-")

    @cached_property
    def locale(self) -> Locale:
        """The locale for dates and plurals; English dates begin with the day."""
        try:
            return Locale.parse("en_GB" if self.code == "en" else self.tag, sep="-" if "-" in self.tag else "_")
        except (UnknownLocaleError, ValueError):
            return Locale("en", "GB")

    @property
    def direction(self) -> str:
        """``ltr`` or ``rtl``."""
        return self.locale.text_direction

    @cached_property
    def _catalog(self) -> Catalog:
        for name in (self.code, self.tag.partition("-")[0]):
            file = FOLDER / name / "LC_MESSAGES/fieldnotes.po"
            if file.is_file():
                return read_po(io.BytesIO(file.read_bytes()), locale=name)
        return Catalog()

    @cached_property
    def translations(self) -> gettext.GNUTranslations:
        """The translations for templates. They are compiled in memory, in 5 ms, so no file can be out of date."""
        file = io.BytesIO()
        write_mo(file, self._catalog)
        file.seek(0)
        return gettext.GNUTranslations(file)

    def gettext(self, text: str) -> str:
        """Return the translation of an English text, or the text itself."""
        return self.translations.gettext(text)

    def ngettext(self, one: str, many: str, count: int) -> str:
        """Return the translation for this count."""
        return self.translations.ngettext(one, many, count)

    @cached_property
    def script_words(self) -> dict[str, str | dict[str, str]]:
        """Translations for JavaScript, by English text; a plural maps CLDR categories to texts."""
        words: dict[str, str | dict[str, str]] = {}
        for message in self._catalog:
            if not any(path.endswith(".js") for path, _line in message.locations):
                continue
            if isinstance(message.id, str):
                words[message.id] = self.gettext(message.id)
            else:
                one, many = message.id
                words[one] = {self.locale.plural_form(n): self.ngettext(one, many, n) for n in range(200)}
        return words

    def date(self, day: datetime.date) -> str:
        """Format a date in words, such as 3 January 2026."""
        return _in_words(day.year, day.month, day.day, self.locale)

    def month(self, number: int) -> str:
        """Return the name of a month as a heading."""
        return str(get_month_names("wide", "stand-alone", self.locale)[number])


@cache
def _in_words(year: int, month: int, day: int, locale: Locale) -> str:
    return format_date(datetime.date(year, month, day), "long", locale)
