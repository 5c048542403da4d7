"""What the public reads: the five questions, in every language, in the length of its place."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from social_sla.agreements import Config, load_config
from social_sla.agreements.calendar_models import Schedule
from social_sla.agreements.phrases import PHRASES
from social_sla.agreements.readability import readability, syllables
from social_sla.agreements.statement_hours import hours_words, zone_words
from social_sla.agreements.statement_models import CHARACTER_LIMITS, Intolerable, Placement
from social_sla.agreements.statement_tables import statements_at
from social_sla.agreements.statements import StatementText, count_characters

from tests.unit.agreements.conftest import ConfigFolder

TODAY = datetime(2026, 6, 1, 12, tzinfo=UTC)
OFFICE = "channels: [tweets]\nhours: office"
STATEMENT = """
statement:
  offer: {en: Help with your order, de: Hilfe zur Bestellung, es: Ayuda con tu pedido, fr: Aide pour la commande}
  company_gets: {en: Fewer calls, de: Weniger Anrufe, es: Menos llamadas, fr: Moins d'appels}
"""
TOLERANCE = "tolerance: [{rule: abuse}, {rule: threats}]\n"


def _said(folder: ConfigFolder, at: datetime = TODAY) -> list[StatementText]:
    return [item for item in statements_at(load_config(folder.path), at) if item.channel_id == "tweets"]


def _publish(folder: ConfigFolder, places: str, *, more: str = "") -> None:
    folder.change("agreements/tweets.yaml", "channels: [tweets]\nhours: always", f"{OFFICE}{STATEMENT}{places}{more}")
    folder.change("agreements/tweets.yaml", "basis: calendar", "basis: business")


def _place(placement: str, language: str, more: str = "") -> str:
    return f"    - {{channel: tweets, placement: {placement}, language: {language}{more}}}\n"


FIVE_ANSWERS = {
    "en": (
        "Help with your order.",
        "We are here Monday to Friday, 9\u00a0am to 5\u00a0pm (Berlin time).",
        "In these hours we answer everyone within 60 minutes. We keep to that for at least 75 of 100 messages.",
        "Fewer calls.",
        "We do not tolerate insults or threats: such messages get no answer.",
    ),
    "de": (
        "Hilfe zur Bestellung.",
        "Wir sind da: Montag bis Freitag von 9 bis 17 Uhr (Ortszeit Berlin).",
        "In dieser Zeit antworten wir allen in höchstens 60 Minuten.",
        "Weniger Anrufe.",
        "Beleidigungen oder Drohungen dulden wir nicht: Solche Nachrichten bleiben ohne Antwort.",
    ),
    "es": (
        "Ayuda con tu pedido.",
        "Atendemos de lunes a viernes, de 9:00 a 17:00 (hora de Berlín).",
        "En ese horario respondemos a todos en un máximo de 60 minutos.",
        "Menos llamadas.",
        "No toleramos insultos ni amenazas: esos mensajes quedan sin respuesta.",
    ),
    "fr": (
        "Aide pour la commande.",
        "Nous sommes là du lundi au vendredi, de 9\u00a0h à 17\u00a0h (heure de Berlin).",
        "Pendant ces heures, nous répondons à tous en 60 minutes au plus.",
        "Moins d'appels.",
        "Nous ne tolérons pas les insultes ni les menaces : ces messages restent sans réponse.",
    ),
}


@pytest.mark.parametrize("language", sorted(PHRASES))
@pytest.mark.parametrize("shows_company_gets", [False, True])
def test_it_answers_the_five_questions(folder: ConfigFolder, language: str, shows_company_gets: bool) -> None:
    shown = f"  shows_company_gets: {str(shows_company_gets).lower()}\n"
    _publish(folder, f"{shown}  published:\n{_place('website', language)}", more=TOLERANCE)
    (said,) = _said(folder)[:1]
    offer, when, speed, company, tolerance = FIVE_ANSWERS[language]
    for sentence in (offer, when, speed, tolerance):
        assert sentence in said.text
    assert (company in said.text) is shows_company_gets
    assert said.reading.is_plain, said.reading
    assert said.problems == ("not_verified",)


@pytest.mark.parametrize("language", sorted(PHRASES))
@pytest.mark.parametrize("placement", list(Placement))
def test_it_fits_its_place_and_still_says_when_and_how_fast(
    folder: ConfigFolder, language: str, placement: Placement
) -> None:
    _publish(folder, f"  published:\n{_place(placement.value, language)}", more=TOLERANCE)
    said = _said(folder)[0]
    limit = CHARACTER_LIMITS[placement]
    assert limit is None or said.character_count <= limit
    assert "too_long" not in said.problems
    assert "60" in said.text
    assert {"en": "9\u00a0am", "de": "9", "es": "9:00", "fr": "9\u00a0h"}[language] in said.text


def test_what_fits_nowhere_is_too_long(folder: ConfigFolder) -> None:
    _publish(folder, f"  published:\n{_place('x_bio', 'en', ', character_limit: 40')}")
    (said,) = _said(folder)
    assert said.problems == ("too_long", "not_verified")
    assert said.text == "Mon–Fri 9\u00a0am–5\u00a0pm (Berlin time). We answer everyone within 60 minutes."


def test_words_that_people_wrote_stand_as_they_are_in_any_language(folder: ConfigFolder) -> None:
    own = _place("x_bio", "pt", ", text: Respondemos numa hora.")
    _publish(folder, f"  languages: [pt, en]\n  published:\n{own}")
    written, made = _said(folder)
    assert (written.text, written.language, written.is_main, written.is_written_by_hand) == (
        "Respondemos numa hora.",
        "pt",
        True,
        True,
    )
    assert written.reading.score is None
    assert written.reading.is_plain
    assert (made.language, made.is_main, made.problems) == ("en", False, ("not_published",))


@pytest.mark.parametrize(
    ("verified", "every", "problems"),
    [
        (None, "", ("not_verified",)),
        ("2026-03-03", "", ()),
        ("2026-03-02", "", ("verified_long_ago",)),
        ("2026-05-31", "  verify_every_days: 1\n", ()),
        ("2026-05-30", "  verify_every_days: 1\n", ("verified_long_ago",)),
    ],
)
def test_somebody_has_to_read_it_again_now_and_then(
    folder: ConfigFolder, verified: str | None, every: str, problems: tuple[str, ...]
) -> None:
    more = f", url: 'https://x.com/Acme', verified_at: {verified}" if verified else ""
    _publish(folder, f"{every}  published:\n{_place('x_bio', 'en', more)}")
    assert _said(folder)[0].problems == problems


def test_an_ssla_speaks_even_if_it_says_nothing_of_a_statement(folder: ConfigFolder) -> None:
    (said,) = _said(folder)
    assert said.text == (
        "A person answers you here. We are here day and night, every day. We answer everyone within 60 minutes. We "
        "keep to that for at least 75 of 100 messages."
    )
    assert said.problems == ("not_published",)
    assert {item.channel_id for item in statements_at(load_config(folder.path), TODAY)} == {"tweets"}


def test_before_it_is_in_force_nothing_is_said(folder: ConfigFolder) -> None:
    before = datetime(2025, 12, 31, 23, tzinfo=UTC)
    assert _said(folder, before) == []
    assert [item.channel_id for item in statements_at(load_config(folder.path), before, ahead=True)] == ["tweets"]


def test_of_several_targets_it_names_the_one_that_holds_for_all(folder: ConfigFolder) -> None:
    folder.change(
        "agreements/mail.yaml",
        "channels: [mail]",
        "channels: [mail]\n"
        "statement: {languages: [de], answers: requests, published: [{channel: mail, placement: website}]}",
    )
    said = next(item for item in statements_at(load_config(folder.path), TODAY) if item.channel_id == "mail")
    assert "Wir antworten auf jede Bitte um Hilfe in höchstens einem Arbeitstag." in said.text
    assert "Auf Dringendes antworten wir in höchstens einer Stunde." in said.text
    assert "An Feiertagen ist geschlossen." in said.text


def test_two_agreements_do_not_speak_for_a_channel_at_once(folder: ConfigFolder) -> None:
    other = (folder.path / "agreements/tweets.yaml").read_text().replace("agreement_id: tweets", "agreement_id: also")
    for name, text in (("also", other), ("tweets", (folder.path / "agreements/tweets.yaml").read_text())):
        folder.write(
            f"agreements/{name}.yaml", text.replace("hours: always", "hours: always\nstatement: {answers: all}")
        )
    assert folder.problems() == [
        "agreements/tweets.yaml:14: statement: also.v1 has a statement for tweets at the same time; keep one of the "
        "two, for the public hears one promise on a channel"
    ]
    folder.change("agreements/also.yaml", "valid_from: 2026-01-01", "valid_from: 2026-01-01\nvalid_to: 2026-03-31")
    folder.change("agreements/tweets.yaml", "valid_from: 2026-01-01", "valid_from: 2026-04-01")
    assert folder.problems() == []


def _schedule(**weekly: list[str]) -> Schedule:
    days = {name.replace("_", "-"): blocks for name, blocks in weekly.items()}
    return Schedule.model_validate({"schedule_id": "s", "title": "S", "timezone": "Europe/Paris", "weekly": days})


@pytest.mark.parametrize(
    ("language", "weekly", "said", "briefly"),
    [
        ("en", {"mon_sun": ["08:00-22:00"]}, "every day, 8 am to 10 pm", "Every day 8 am–10 pm"),
        ("en", {"mon": ["00:00-12:00"], "wed": ["00:00-12:00"]}, "Monday and Wednesday, midnight to noon",
         "Mon and Wed midnight–noon"),
        ("en", {"sat_sun": ["22:30-02:00"]}, "Saturday and Sunday, 10:30 pm to 2 am", "Sat and Sun 10:30 pm–2 am"),
        ("de", {"mon_fri": ["09:00-12:30", "14:00-18:00"]}, "Montag bis Freitag von 9 bis 12:30 und von 14 bis 18 Uhr",
         "Mo–Fr 9–12:30 und 14–18 Uhr"),
        ("de", {"mon_sat": ["00:00-24:00"]}, "Montag bis Samstag ganztägig", "Mo–Sa ganztägig"),
        ("es", {"sat": ["10:00-14:00"]}, "los sábados, de 10:00 a 14:00", "Sáb 10:00–14:00"),
        ("es", {"mon_sun": ["08:00-24:00"]}, "todos los días, de 8:00 a 24:00", "Todos los días 8:00–24:00"),
        ("fr", {"mon_fri": ["08:30-12:00"], "sun": ["18:00-24:00"]},
         "du lundi au vendredi, de 8 h 30 à 12 h ; le dimanche, de 18 h à minuit",
         "Lun.–ven. 8 h 30–12 h, dim. 18 h–minuit"),
    ],
)  # fmt: skip
def test_hours_are_said_as_people_say_them(
    language: str, weekly: dict[str, list[str]], said: str, briefly: str
) -> None:
    schedule = _schedule(**weekly)
    day = date(2026, 6, 1)
    assert hours_words(schedule, day, language, is_brief=False).replace("\u00a0", " ") == said
    assert hours_words(schedule, day, language, is_brief=True).replace("\u00a0", " ") == briefly


def test_hours_are_those_of_the_day(folder: ConfigFolder) -> None:
    winter = "{valid_to: 2026-05-31, weekly: {mon: ['09:00-17:00']}}"
    parts = f"parts: [{winter}, {{valid_from: 2026-06-01, weekly: {{mon: ['07:00-12:00']}}}}]"
    folder.change("calendars.yaml", 'weekly:\n      mon-fri: ["09:00-17:00"]', parts)
    office = load_config(folder.path).schedule("office")
    assert [hours_words(office, date(2026, month, 30), "de", is_brief=True) for month in (5, 6)] == [
        "Mo 9–17 Uhr",
        "Mo 7–12 Uhr",
    ]


@pytest.mark.parametrize(
    ("zone", "names"),
    [
        ("Europe/London", ("London time", "Ortszeit London", "hora de Londres", "heure de Londres")),
        ("America/New_York", ("New York time", "Ortszeit New York", "hora de Nueva York", "heure de New York")),
        ("Europe/Athens", ("Athens time", "Ortszeit Athen", "hora de Atenas", "heure d'Athènes")),
        ("Africa/Cairo", ("Cairo time", "Ortszeit Kairo", "hora de El Cairo", "heure du Caire")),
        ("UTC", ("UTC", "UTC", "UTC", "UTC")),
    ],
)
def test_zones_are_called_by_their_city(zone: str, names: tuple[str, ...]) -> None:
    assert tuple(zone_words(zone, language) for language in ("en", "de", "es", "fr")) == names


def test_every_catalogue_has_a_word_for_everything() -> None:
    for phrases in PHRASES.values():
        assert set(phrases.intolerable) == set(Intolerable)
        assert set(phrases.answers) == set(phrases.answers_in_hours)
    assert set(CHARACTER_LIMITS) == set(Placement)


@pytest.mark.parametrize(
    ("language", "word", "count"),
    [
        ("en", "answer", 2), ("en", "time", 1), ("en", "people", 2), ("en", "asked", 1), ("en", "wanted", 2),
        ("en", "the", 1), ("de", "Beleidigungen", 5), ("de", "Zeit", 1), ("de", "Feiertagen", 4), ("de", "Theater", 3),
        ("es", "día", 2), ("es", "respondemos", 4), ("es", "guerra", 2), ("es", "teatro", 3), ("es", "bueno", 2),
        ("fr", "réponse", 2), ("fr", "heures", 1), ("fr", "qualité", 3), ("en", "24", 1), ("de", "UTC", 1),
    ],
)  # fmt: skip
def test_syllables(language: str, word: str, count: int) -> None:
    assert syllables(word, language) == count


def test_reading_ease_is_flesch_and_its_kin() -> None:
    # Two sentences, eight words, ten syllables.
    easy = readability("We answer you here. Ask us any time.", "en")
    assert (easy.word_count, easy.sentence_count, easy.longest_sentence_words) == (8, 2, 4)
    assert easy.score == pytest.approx(206.835 - 1.015 * 4 - 84.6 * 10 / 8, abs=0.05)
    hard = readability(
        "Notwithstanding operational considerations, responsiveness commitments necessitate prioritisation.",
        "en",
    )
    assert not hard.is_plain
    assert not readability("Unverzüglichkeitsvereinbarungen gewährleisten Kommunikationsqualität.", "de").is_plain
    assert not readability("a " * 26 + ".", "en").is_plain
    assert not readability("um " * 16 + ".", "pt").is_plain
    assert readability("um " * 15 + ".", "pt").is_plain


def test_characters_are_those_that_people_see() -> None:
    assert count_characters("Täglich") == count_characters("Ta\u0308glich") == 7


def test_the_company_has_a_plain_statement_in_each_place_that_it_names() -> None:
    from social_sla.settings import PROJECT_DIR

    config: Config = load_config(PROJECT_DIR / "config")
    found = statements_at(config, datetime(2026, 11, 3, tzinfo=UTC))
    assert {item.channel_id for item in found} == {"x_global", "x_spain", "zd_chat", "zd_email"}
    assert not {"too_long", "hard_to_read", "not_published"} & {name for item in found for name in item.problems}
    assert {(item.channel_id, item.language) for item in found} >= {
        ("x_spain", "es"),
        ("zd_chat", "de"),
        ("zd_email", "en"),
    }
