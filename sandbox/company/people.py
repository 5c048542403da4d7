"""The company's staff, its teams and its customers."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from zoneinfo import ZoneInfo

from sandbox.company import text
from sandbox.company.hours import END_AT, FIRST_AT
from sandbox.company.world import Account, Group, Membership, Person

DAY = 86_400
FOUNDED_AT = FIRST_AT - 400 * DAY
ROLE_CHANGE_AT = int(datetime(2025, 11, 10, 9, tzinfo=UTC).timestamp())

EMAIL_CARE, CHAT_CARE, ESCALATIONS, OLD_DESK = (
    41_200_000_001_101,
    41_200_000_001_202,
    41_200_000_001_303,
    41_200_000_001_404,
)
ADMIN_ID, BOT_ID, SERVICE_ID = 26_155_000_000_101, 26_155_000_000_202, 26_155_000_000_303
CONVERTED_ID = 26_155_000_004_417
_FIRST_AGENT_ID = 26_155_000_001_000
_FIRST_CUSTOMER_ID = 26_155_000_010_000

TEAMS = {"zd_email": EMAIL_CARE, "zd_chat": CHAT_CARE}
_AGENTS = (
    ("Rosa Vidal", EMAIL_CARE, "America/New_York"),
    ("Noah Petrov", EMAIL_CARE, "America/New_York"),
    ("Lena Gruber", EMAIL_CARE, "America/New_York"),
    ("Tariq Haddad", EMAIL_CARE, "America/New_York"),
    ("Mia O'Hara", EMAIL_CARE, "America/New_York"),
    ("Jonas Weiß", CHAT_CARE, "Europe/Berlin"),
    ("Elif Yıldız", CHAT_CARE, "Europe/Berlin"),
    ("Emil Sørensen", CHAT_CARE, "Europe/Berlin"),
    ("Nadia Kowalski", CHAT_CARE, "Europe/Berlin"),
    ("Olga Rossi", CHAT_CARE, "Europe/Berlin"),
    ("Quinn Tanaka", ESCALATIONS, "America/New_York"),
    ("Ximena Núñez", ESCALATIONS, "America/New_York"),
    ("Sami Lindqvist", ESCALATIONS, "Europe/Berlin"),
)


def _staff(person_id: int, name: str, mailbox: str, role: str, zone: str, at: int) -> Person:
    """Somebody of the company. A log-in updates the record, so the export of the last day holds all of them."""
    logged_in_at = END_AT - 3600 - person_id % 20 * 1800
    return Person(person_id, name, f"{mailbox}@aurora.example", role, at, logged_in_at, zone, "en-US")


class Staff:
    """Agents, administrator, bot and teams, and who of them is on shift."""

    def __init__(self) -> None:
        self.groups = [
            Group(EMAIL_CARE, "Email Care", "First line, e-mail and web form", FOUNDED_AT),
            Group(CHAT_CARE, "Chat Care", "First line, chat and messaging", FOUNDED_AT),
            Group(ESCALATIONS, "Escalations", "Second line", FOUNDED_AT + DAY),
            Group(OLD_DESK, "Old desk", "Closed in 2024", FOUNDED_AT, is_deleted=True),
        ]
        self.people = [
            _staff(ADMIN_ID, "Ada Admin", "ada", "admin", "Europe/London", FOUNDED_AT),
            _staff(BOT_ID, "Aurora Assistant", "bot", "agent", "Etc/UTC", FOUNDED_AT),
            _staff(SERVICE_ID, "Warehouse reader", "warehouse", "admin", "Etc/UTC", FOUNDED_AT),
        ]
        self.people[1].tags = ("bot",)
        self.memberships: list[Membership] = []
        self.by_group: dict[int, list[Person]] = {EMAIL_CARE: [], CHAT_CARE: [], ESCALATIONS: []}
        for number, (name, group_id, zone) in enumerate(_AGENTS):
            self._hire(_FIRST_AGENT_ID + 37 * number, name, group_id, zone, FOUNDED_AT + number * DAY)
        # Was a customer until November 2025: tickets of that time are hers as an end user (R4).
        self.converted = self._hire(CONVERTED_ID, "Vera Castell", EMAIL_CARE, "America/New_York", FIRST_AT - 40 * DAY)
        self.converted.became_agent_at = ROLE_CHANGE_AT
        quinn = self.by_group[ESCALATIONS][0]
        self.memberships.append(
            Membership(51_300_000_009_901, quinn.person_id, EMAIL_CARE, False, FOUNDED_AT + 9 * DAY)
        )

    def _hire(self, person_id: int, name: str, group_id: int, zone: str, at: int) -> Person:
        person = _staff(person_id, name, name.split()[0].lower(), "agent", zone, at)
        person.default_group_id = group_id
        self.people.append(person)
        self.by_group[group_id].append(person)
        self.memberships.append(Membership(51_300_000_000_000 + len(self.memberships), person_id, group_id, True, at))
        return person

    def on_shift(self, rng: Random, group_id: int, at: int) -> int:
        """Id of one of the two agents of the group who work at `at`."""
        team = [p for p in self.by_group[group_id] if p.became_agent_at is None or p.became_agent_at <= at]
        local = datetime.fromtimestamp(at, ZoneInfo(team[0].timezone))
        first = (local.toordinal() * 2 + (local.hour >= 13)) % len(team)
        return rng.choice((team[first], team[(first + 1) % len(team)])).person_id


class Customers:
    """Customers of the ticket system; some write more than once."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.people: list[Person] = []
        self._regulars: dict[str, list[Person]] = {}

    def new(self, at: int, language: str, zone: str, email: str | None = "") -> Person:
        """A customer who was not known before `at`."""
        rng = self.rng
        person_id = _FIRST_CUSTOMER_ID + 41 * len(self.people)
        address = f"customer{len(self.people)}@mail.example" if email == "" else email
        created = at - rng.choice((0, 0, 1)) * rng.randrange(1, 300 * DAY)
        locale = {"en": "en-US", "de": "de", "es": "es"}[language]
        name = text.person_name(rng) if rng.random() > 0.003 else rng.choice(text.UGLY[:4])
        person = Person(person_id, name, address, "end-user", created, at, zone, locale)
        self.people.append(person)
        return person

    def writing(self, at: int, language: str, zone: str) -> Person:
        """Who writes at `at`: three in ten are known already."""
        regulars = self._regulars.setdefault(language, [])
        if regulars and self.rng.random() < 0.3:
            person = self.rng.choice(regulars[-400:])
            person.updated_at = max(person.updated_at, at)
            return person
        person = self.new(at, language, zone, None if self.rng.random() < 0.02 else "")
        if self.rng.random() < 0.4:
            regulars.append(person)
        return person


def company_accounts() -> dict[str, Account]:
    """The company's X accounts by channel id."""
    rows = (
        (
            "x_global",
            "2750011001",
            "AuroraAir",
            "Aurora Air",
            "We answer every day, 08:00-22:00 London time, within 1 hour.",
        ),
        ("x_spain", "2750011002", "AuroraAirES", "Aurora Air España", "Lunes a viernes, 9-14 y 16-19 h."),
        ("x_australia", "2750011003", "AuroraAirAU", "Aurora Air Australia", "Mon-Fri 08:00-18:00 AEST."),
    )
    return {
        channel: Account(
            account_id, handle, name, description, FOUNDED_AT - 2000 * DAY, is_company=True, is_verified=True
        )
        for channel, account_id, handle, name, description in rows
    }


class Followers:
    """Customers' X accounts."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.accounts: list[Account] = []
        self._regulars: dict[str, list[Account]] = {}

    def writing(self, at: int, language: str) -> Account:
        """The account that writes at `at`: a quarter have written before."""
        regulars = self._regulars.setdefault(language, [])
        if regulars and self.rng.random() < 0.25:
            return self.rng.choice(regulars[-300:])
        number = len(self.accounts)
        handle = f"{self.rng.choice(('fly', 'sky', 'jet', 'gate', 'aisle', 'window'))}_{number:05d}"
        account_id = (
            str(3_100_000_000 + 977 * number) if number % 3 else str(1_180_000_000_000_000_000 + 977_131 * number)
        )
        created = at - self.rng.randrange(30, 3000) * DAY
        account = Account(account_id, handle, text.person_name(self.rng), "", created)
        self.accounts.append(account)
        if self.rng.random() < 0.3:
            regulars.append(account)
        return account
