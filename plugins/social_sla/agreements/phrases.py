"""The words of public statements: one small catalogue a language. A language joins by one entry here.

Sentences are whole and inflected by hand; days and cities are those of CLDR. {time}, {hours} … are put in as they are.
"""

from __future__ import annotations

from dataclasses import dataclass

from social_sla.agreements.statement_models import Answers, Intolerable
from social_sla.agreements.values import DurationUnit

NBSP = "\u00a0"

Numbered = dict[DurationUnit, tuple[str, str]]
"""One and several of a unit, in the case that the sentence asks for; {n} is the number."""


@dataclass(frozen=True)
class Phrases:
    """What statements are made of in one language."""

    locale: str
    person_answers: str
    somebody_answers: str
    here: str
    """The hours, as a sentence: {hours}, {zone}."""
    here_briefly: str
    always_here: str
    always_here_briefly: str
    holidays: str
    durations: Numbered
    answers: dict[Answers, str]
    """How fast, and whether all: {time}."""
    answers_in_hours: dict[Answers, str]
    """The same where only the hours of the sentence before count."""
    urgent: str
    rate: str
    outside: str
    no_tolerance: str
    no_tolerance_briefly: str
    intolerable: dict[Intolerable, str]
    and_word: str
    or_word: str
    zone: str
    """The time of a city: {city}."""
    every_day: str
    every_day_briefly: str
    day_range: str
    day_range_briefly: str
    single_day: str
    """A day alone or beside others: {day}."""
    time_range: str
    time_range_briefly: str
    all_day: str
    days_and_times: str
    days_and_times_briefly: str


def _english(hour: int, minute: int) -> str:
    clock = f"{hour % 12 or 12}" + (f":{minute:02}" if minute else "")
    return f"{clock}{NBSP}{'am' if hour < 12 else 'pm'}"


def time_of_day(language: str, minute: int) -> str:
    """Minutes after midnight as the language writes the time of day; German puts `Uhr` behind the whole."""
    if minute == 1440 and language != "de":
        return {"en": "midnight", "es": "24:00", "fr": "minuit"}[language]
    hour, minutes = minute // 60, minute % 60
    if minute > 1440:
        hour -= 24
    if language == "en":
        return {(0, 0): "midnight", (12, 0): "noon"}.get((hour, minutes)) or _english(hour, minutes)
    if language == "fr":
        return f"{hour}{NBSP}h" + (f"{NBSP}{minutes:02}" if minutes else "")
    if language == "de":
        return f"{hour}" + (f":{minutes:02}" if minutes else "")
    return f"{hour}:{minutes:02}"


PHRASES: dict[str, Phrases] = {
    "en": Phrases(
        locale="en_GB",
        person_answers="A person answers you here.",
        somebody_answers="We answer you here.",
        here="We are here {hours} ({zone}).",
        here_briefly="{hours} ({zone}).",
        always_here="We are here day and night, every day.",
        always_here_briefly="Here day and night.",
        holidays="We are closed on public holidays.",
        durations={
            DurationUnit.SECONDS: ("one second", "{n} seconds"),
            DurationUnit.MINUTES: ("one minute", "{n} minutes"),
            DurationUnit.HOURS: ("one hour", "{n} hours"),
            DurationUnit.DAYS: ("one day", "{n} days"),
            DurationUnit.BUSINESS_DAYS: ("one working day", "{n} working days"),
        },
        answers={
            Answers.ALL: "We answer everyone within {time}.",
            Answers.REQUESTS: "We answer every request for help within {time}.",
            Answers.SOME: "We cannot answer everyone; those we can, we answer within {time}.",
        },
        answers_in_hours={
            Answers.ALL: "In these hours we answer everyone within {time}.",
            Answers.REQUESTS: "In these hours we answer every request for help within {time}.",
            Answers.SOME: "We cannot answer everyone; those we can, we answer in these hours within {time}.",
        },
        urgent="What is urgent is answered within {time}.",
        rate="We keep to that for at least {n} of {of} messages.",
        outside="At other times we answer when we are back.",
        no_tolerance="We do not tolerate {list}: such messages get no answer.",
        no_tolerance_briefly="No {list}.",
        intolerable={
            Intolerable.ABUSE: "insults",
            Intolerable.THREATS: "threats",
            Intolerable.HATE: "hate",
            Intolerable.SPAM: "spam",
            Intolerable.ADVERTISING: "advertising",
            Intolerable.PERSONAL_DATA: "other people's personal data",
        },
        and_word="and",
        or_word="or",
        zone="{city} time",
        every_day="every day",
        every_day_briefly="Every day",
        day_range="{first} to {last}",
        day_range_briefly="{first}–{last}",
        single_day="{day}",
        time_range="{opens} to {closes}",
        time_range_briefly="{opens}–{closes}",
        all_day="all day",
        days_and_times="{days}, {times}",
        days_and_times_briefly="{days} {times}",
    ),
    "de": Phrases(
        locale="de_DE",
        person_answers="Hier antwortet ein Mensch.",
        somebody_answers="Hier antworten wir.",
        here="Wir sind da: {hours} ({zone}).",
        here_briefly="{hours} ({zone}).",
        always_here="Wir sind Tag und Nacht da.",
        always_here_briefly="Tag und Nacht da.",
        holidays="An Feiertagen ist geschlossen.",
        durations={
            DurationUnit.SECONDS: ("einer Sekunde", "{n} Sekunden"),
            DurationUnit.MINUTES: ("einer Minute", "{n} Minuten"),
            DurationUnit.HOURS: ("einer Stunde", "{n} Stunden"),
            DurationUnit.DAYS: ("einem Tag", "{n} Tagen"),
            DurationUnit.BUSINESS_DAYS: ("einem Arbeitstag", "{n} Arbeitstagen"),
        },
        answers={
            Answers.ALL: "Wir antworten allen in höchstens {time}.",
            Answers.REQUESTS: "Wir antworten auf jede Bitte um Hilfe in höchstens {time}.",
            Answers.SOME: "Wir können nicht allen antworten; wenn, dann in höchstens {time}.",
        },
        answers_in_hours={
            Answers.ALL: "In dieser Zeit antworten wir allen in höchstens {time}.",
            Answers.REQUESTS: "In dieser Zeit antworten wir auf jede Bitte um Hilfe in höchstens {time}.",
            Answers.SOME: "Wir können nicht allen antworten; wenn, dann in dieser Zeit in höchstens {time}.",
        },
        urgent="Auf Dringendes antworten wir in höchstens {time}.",
        rate="Das halten wir bei mindestens {n} von {of} Nachrichten ein.",
        outside="Zu anderen Zeiten antworten wir, sobald wir wieder da sind.",
        no_tolerance="{list} dulden wir nicht: Solche Nachrichten bleiben ohne Antwort.",
        no_tolerance_briefly="{list} dulden wir nicht.",
        intolerable={
            Intolerable.ABUSE: "Beleidigungen",
            Intolerable.THREATS: "Drohungen",
            Intolerable.HATE: "Hass",
            Intolerable.SPAM: "Spam",
            Intolerable.ADVERTISING: "Werbung",
            Intolerable.PERSONAL_DATA: "Daten anderer Menschen",
        },
        and_word="und",
        or_word="oder",
        zone="Ortszeit {city}",
        every_day="täglich",
        every_day_briefly="Täglich",
        day_range="{first} bis {last}",
        day_range_briefly="{first}–{last}",
        single_day="{day}",
        time_range="von {opens} bis {closes}",
        time_range_briefly="{opens}–{closes}",
        all_day="ganztägig",
        days_and_times="{days} {times} Uhr",
        days_and_times_briefly="{days} {times} Uhr",
    ),
    "es": Phrases(
        locale="es_ES",
        person_answers="Aquí responde una persona.",
        somebody_answers="Aquí respondemos.",
        here="Atendemos {hours} ({zone}).",
        here_briefly="{hours} ({zone}).",
        always_here="Atendemos de día y de noche, todos los días.",
        always_here_briefly="De día y de noche.",
        holidays="Cerramos los días festivos.",
        durations={
            DurationUnit.SECONDS: ("un segundo", "{n} segundos"),
            DurationUnit.MINUTES: ("un minuto", "{n} minutos"),
            DurationUnit.HOURS: ("una hora", "{n} horas"),
            DurationUnit.DAYS: ("un día", "{n} días"),
            DurationUnit.BUSINESS_DAYS: ("un día laborable", "{n} días laborables"),
        },
        answers={
            Answers.ALL: "Respondemos a todos en un máximo de {time}.",
            Answers.REQUESTS: "Respondemos a quien pide ayuda en un máximo de {time}.",
            Answers.SOME: "No podemos responder a todos; a quien podemos, en un máximo de {time}.",
        },
        answers_in_hours={
            Answers.ALL: "En ese horario respondemos a todos en un máximo de {time}.",
            Answers.REQUESTS: "En ese horario respondemos a quien pide ayuda en un máximo de {time}.",
            Answers.SOME: "No podemos responder a todos; a quien podemos, en ese horario y en un máximo de {time}.",
        },
        urgent="Lo urgente tiene respuesta en un máximo de {time}.",
        rate="Lo cumplimos con al menos {n} de cada {of} mensajes.",
        outside="A otras horas respondemos cuando volvemos.",
        no_tolerance="No toleramos {list}: esos mensajes quedan sin respuesta.",
        no_tolerance_briefly="Sin {list}.",
        intolerable={
            Intolerable.ABUSE: "insultos",
            Intolerable.THREATS: "amenazas",
            Intolerable.HATE: "odio",
            Intolerable.SPAM: "spam",
            Intolerable.ADVERTISING: "publicidad",
            Intolerable.PERSONAL_DATA: "datos personales de otros",
        },
        and_word="y",
        or_word="ni",
        zone="hora de {city}",
        every_day="todos los días",
        every_day_briefly="Todos los días",
        day_range="de {first} a {last}",
        day_range_briefly="{first}–{last}",
        single_day="{day}",
        time_range="de {opens} a {closes}",
        time_range_briefly="{opens}–{closes}",
        all_day="todo el día",
        days_and_times="{days}, {times}",
        days_and_times_briefly="{days} {times}",
    ),
    "fr": Phrases(
        locale="fr_FR",
        person_answers="Ici, une personne répond.",
        somebody_answers="Ici, nous répondons.",
        here="Nous sommes là {hours} ({zone}).",
        here_briefly="{hours} ({zone}).",
        always_here="Nous sommes là jour et nuit, tous les jours.",
        always_here_briefly="Là jour et nuit.",
        holidays="Nous sommes fermés les jours fériés.",
        durations={
            DurationUnit.SECONDS: ("une seconde", "{n} secondes"),
            DurationUnit.MINUTES: ("une minute", "{n} minutes"),
            DurationUnit.HOURS: ("une heure", "{n} heures"),
            DurationUnit.DAYS: ("un jour", "{n} jours"),
            DurationUnit.BUSINESS_DAYS: ("un jour ouvré", "{n} jours ouvrés"),
        },
        answers={
            Answers.ALL: "Nous répondons à tous en {time} au plus.",
            Answers.REQUESTS: "Nous répondons à toute demande d'aide en {time} au plus.",
            Answers.SOME: "Nous ne pouvons pas répondre à tous ; quand nous répondons, c'est en {time} au plus.",
        },
        answers_in_hours={
            Answers.ALL: "Pendant ces heures, nous répondons à tous en {time} au plus.",
            Answers.REQUESTS: "Pendant ces heures, nous répondons à toute demande d'aide en {time} au plus.",
            Answers.SOME: "Nous ne pouvons pas répondre à tous ; sinon, pendant ces heures, en {time} au plus.",
        },
        urgent="L'urgent reçoit une réponse en {time} au plus.",
        rate="Nous tenons cette promesse pour au moins {n} messages sur {of}.",
        outside="Aux autres heures, nous répondons à notre retour.",
        no_tolerance="Nous ne tolérons pas {list} : ces messages restent sans réponse.",
        no_tolerance_briefly="Nous ne tolérons pas {list}.",
        intolerable={
            Intolerable.ABUSE: "les insultes",
            Intolerable.THREATS: "les menaces",
            Intolerable.HATE: "la haine",
            Intolerable.SPAM: "le spam",
            Intolerable.ADVERTISING: "la publicité",
            Intolerable.PERSONAL_DATA: "les données d'autres personnes",
        },
        and_word="et",
        or_word="ni",
        zone="heure de {city}",
        every_day="tous les jours",
        every_day_briefly="Tous les jours",
        day_range="du {first} au {last}",
        day_range_briefly="{first}–{last}",
        single_day="le {day}",
        time_range="de {opens} à {closes}",
        time_range_briefly="{opens}–{closes}",
        all_day="toute la journée",
        days_and_times="{days}, {times}",
        days_and_times_briefly="{days} {times}",
    ),
}


def phrases_of(language: str) -> tuple[str, Phrases] | None:
    """The catalogue of a language code, `de-AT` taking German's; None where there is none."""
    main = language.partition("-")[0]
    return (main, PHRASES[main]) if main in PHRASES else None
