"""Tickets of the e-mail and web-form desk (channel zd_email)."""

from __future__ import annotations

from random import Random
from typing import Any

from sandbox.company import text
from sandbox.company.hours import FIRST_AT, Hours
from sandbox.company.people import EMAIL_CARE, ESCALATIONS, Customers, Staff
from sandbox.company.plan import Case
from sandbox.company.ticketlog import HOUR, UNSOLVED, TicketLog
from sandbox.company.world import Ticket

PRIORITIES = (("urgent", 0.06), ("high", 0.17), ("normal", 0.57), ("low", 0.20))
FIRST_RESPONSE_HOURS = {"urgent": 1, "high": 2, "normal": 4}
NEXT_RESPONSE_SECONDS = 8 * HOUR
NEXT_MISS_RATE = 0.055
SUBJECTS = {
    "en": ("Lost baggage", "Refund", "Booking change", "Invoice", "Re: Your booking", "Question", "Complaint"),
    "de": ("Gepäck", "Rückerstattung", "Umbuchung", "Rechnung", "AW: Ihre Buchung", "Frage", "Beschwerde"),
}
TAGS = ("baggage", "refund", "booking", "invoice", "complaint", "vip", "loyalty")


class EmailDesk:
    """Turns cases into tickets; all choices come from one generator of random numbers."""

    def __init__(self, rng: Random, staff: Staff, customers: Customers, hours: Hours) -> None:
        self.rng = rng
        self.staff = staff
        self.customers = customers
        self.hours = hours

    def _weighted(self, rows: tuple[tuple[str, float], ...]) -> str:
        return self.rng.choices([r[0] for r in rows], [r[1] for r in rows])[0]

    def target_seconds(self, priority: str, start: int) -> int:
        """First-response target of a priority, in open seconds."""
        if priority == "low":
            return self.hours.business_days(start, 1)
        return FIRST_RESPONSE_HOURS[priority] * HOUR

    def _fields(self, requester_id: int, priority: str | None) -> dict[str, Any]:
        return {
            "subject": "",
            "requester_id": requester_id,
            "status": "new",
            "priority": priority,
            "group_id": EMAIL_CARE,
            "assignee_id": None,
            "tags": sorted(self.rng.sample(TAGS, self.rng.randrange(0, 3))),
        }

    def open_ticket(self, case: Case, priority: str | None, requester_id: int | None = None) -> TicketLog:
        """A ticket that a customer opens at the case's time."""
        rng = self.rng
        language = "de" if rng.random() < 0.22 else "en"
        if requester_id is None:
            requester_id = self.customers.writing(case.at, language, "America/New_York").person_id
        subject = rng.choice(SUBJECTS[language])
        luck = rng.random()
        if luck < 0.003:
            subject = rng.choice(text.UGLY).replace("{ref}", "AU404")
        elif luck < 0.006:
            subject = ""
        body = text.ask(rng, language)
        if rng.random() < 0.002:
            body = text.long_text(rng, language, 12_000)
        elif rng.random() < 0.002:
            body = ""
        via = "web" if rng.random() < 0.16 else "email"
        ticket = Ticket("zd_email", via, requester_id, requester_id, subject, language, case.at)
        log = TicketLog(ticket)
        fields = self._fields(requester_id, priority)
        fields["subject"] = subject
        log.create(requester_id, body, fields, ("[Aurora Air] We have your request",))
        return log

    def _open_by_company(self, case: Case) -> TicketLog | None:
        """A ticket that an agent opens; the customer speaks at the case's time. None when nobody worked before."""
        if case.at - 61 * HOUR < FIRST_AT:
            return None
        created = self.hours.add(case.at - self.rng.randrange(30, 60) * HOUR, self.rng.randrange(60, 3600))
        if created > case.at - HOUR:
            return None
        requester = self.customers.writing(case.at, "en", "America/New_York")
        agent = self.staff.on_shift(self.rng, EMAIL_CARE, created)
        ticket = Ticket("zd_email", "web", requester.person_id, agent, "Your flight has changed", "en", created)
        ticket.story = "opened_by_company"
        log = TicketLog(ticket)
        fields = self._fields(requester.person_id, "normal")
        fields |= {"subject": ticket.subject, "status": "pending", "assignee_id": agent}
        log.create(agent, "Your flight AU208 leaves two hours later. Tell us if that does not suit you.", fields)
        log.inbound(case.at, text.ask(self.rng, "en"))
        return log

    def run(self, case: Case) -> Ticket:
        """The whole life of one case's ticket."""
        rng = self.rng
        log = self._open_by_company(case) if rng.random() < 0.03 else None
        if log is not None:
            self._first_response(log, case, "normal", None)
        else:
            priority: str | None = self._weighted(PRIORITIES)
            later: str | None = None
            luck = rng.random()
            if luck < 0.14:
                later, priority = priority, None
            elif luck < 0.20:
                later = self._weighted(PRIORITIES)
            log = self.open_ticket(case, priority)
            self._first_response(log, case, priority, later)
        self._wind_down(log)
        return log.ticket

    def _first_response(self, log: TicketLog, case: Case, priority: str | None, later: str | None) -> None:
        """Triage, then the first answer: in time or too late for every priority that the ticket has by then."""
        rng, hours = self.rng, self.hours
        targets = [self.target_seconds(p, case.at) for p in (priority, later) if p]
        if case.is_missed:
            wait = int(max(targets) * rng.uniform(1.2, 1.9))
        else:
            wait = max(90, int(min(targets) * min(0.82, 0.04 + rng.betavariate(1.4, 3.2))))
        self._triage(log, case.at, wait, later)
        replied_at = hours.add(case.at, wait)
        agent = log.value("assignee_id") or self.staff.on_shift(rng, EMAIL_CARE, replied_at)
        if case.is_missed and rng.random() < 0.14:
            log.ticket.story = "silence"
            if rng.random() < 0.7:
                log.step(hours.add(case.at, int(max(targets) * rng.uniform(1.6, 3.0))), agent, status="solved")
            return
        if rng.random() < 0.12:
            self._more_from_customer(log, case.at, replied_at)
        self._reply(log, replied_at, agent)
        self._turns(log, agent)

    def _triage(self, log: TicketLog, start: int, wait: int, later: str | None) -> None:
        """Somebody looks at the ticket before answering: assigns, sets a priority, writes a note, hands over."""
        rng, hours = self.rng, self.hours
        seen = int(wait * rng.uniform(0.1, 0.45))
        at = hours.add(start, max(30, seen))
        agent = self.staff.on_shift(rng, EMAIL_CARE, at)
        changes: dict[str, Any] = {"assignee_id": agent, "status": "open"}
        if later:
            changes["priority"] = later
        if rng.random() < 0.85 or later:
            log.step(at, agent, **changes)
        if rng.random() < 0.14:
            log.step(hours.add(start, max(60, int(wait * 0.55))), agent, rng.choice(text.NOTES), is_public=False)
        if rng.random() < 0.06:
            moved_at = hours.add(start, max(90, int(wait * 0.7)))
            expert = self.staff.on_shift(rng, ESCALATIONS, moved_at)
            log.step(moved_at, agent, "Please take over.", is_public=False, group_id=ESCALATIONS, assignee_id=expert)
            if rng.random() < 0.4:
                log.step(hours.add(start, max(120, int(wait * 0.85))), expert, group_id=EMAIL_CARE, assignee_id=agent)

    def _more_from_customer(self, log: TicketLog, start: int, replied_at: int) -> None:
        """Further messages before the answer: still the same turn (D15)."""
        for _ in range(self.rng.randrange(1, 3)):
            at = max(log.at + 5, start + self.rng.randrange(60, 5 * HOUR))
            if at < replied_at - 5:
                log.inbound(at, text.pick(self.rng, text.MORE, log.ticket.language))

    def _reply(self, log: TicketLog, at: int, agent: int, status: str | None = None) -> None:
        """A public answer by a person."""
        rng = self.rng
        if status is None:
            status = rng.choices(("pending", "solved", "open", "hold"), (55, 34, 7, 4))[0]
        body = text.pick(rng, text.ANSWER, log.ticket.language)
        assignee = log.value("assignee_id") or agent
        log.step(at, agent, body, status=status, assignee_id=assignee)
        if rng.random() < 0.035:
            self._out_of_office(log, agent)

    def _out_of_office(self, log: TicketLog, agent: int) -> None:
        """The customer's mail program answers at once; an agent sets the ticket back."""
        before = log.value("status")
        if (
            log.inbound(log.at + self.rng.randrange(4, 50), text.OUT_OF_OFFICE[log.ticket.language])
            and before != "open"
        ):
            log.step(self.hours.add(log.at, self.rng.randrange(600, 2 * HOUR)), agent, status=before)

    def _turns(self, log: TicketLog, agent: int) -> None:
        """Follow-up messages and their answers."""
        rng, hours = self.rng, self.hours
        for _ in range(rng.choices((0, 1, 2, 3), (40, 33, 19, 8))[0]):
            wrote_at = log.at + 120 + min(int(rng.expovariate(1 / (9 * HOUR))), 70 * HOUR)
            by_note = rng.random() < 0.02
            if not log.inbound(wrote_at, text.ask(rng, log.ticket.language), is_public=not by_note):
                return
            start = log.at
            share = rng.uniform(1.2, 2.2) if rng.random() < NEXT_MISS_RATE else 0.03 + 0.75 * rng.betavariate(1.3, 3.0)
            replied_at = hours.add(start, int(NEXT_RESPONSE_SECONDS * share))
            if rng.random() < 0.12:
                self._more_from_customer(log, start, replied_at)
            if rng.random() < 0.1:
                note_at = hours.add(start, int(NEXT_RESPONSE_SECONDS * share * 0.6))
                log.step(note_at, agent, rng.choice(text.NOTES), is_public=False)
            self._reply(log, replied_at, agent)
        if log.value("status") in ("solved", "pending") and rng.random() < 0.16:
            # Thanks: reopens the ticket, and an agent closes it without an answer (closed_without_reply).
            at = log.at + 300 + min(int(rng.expovariate(1 / (5 * HOUR))), 60 * HOUR)
            if log.inbound(at, text.pick(rng, text.THANKS, log.ticket.language)):
                log.step(hours.add(log.at, rng.randrange(300, 4 * HOUR)), agent, status="solved")

    def _wind_down(self, log: TicketLog) -> None:
        """From the last answer to closed, or to staying open."""
        rng, hours = self.rng, self.hours
        status = log.value("status")
        agent = log.value("assignee_id") or self.staff.on_shift(rng, EMAIL_CARE, log.at)
        if log.ticket.story == "silence" or log.has_ended:
            pass
        elif rng.random() < 0.008:
            log.ticket.story = "stays_open"
            return
        elif status == "pending":
            if rng.random() < 0.5:
                log.system(log.at + rng.randrange(72, 120) * HOUR, status="solved")
            else:
                log.step(hours.add(log.at, rng.randrange(HOUR, 16 * HOUR)), agent, status="solved")
        elif status == "hold":
            solved_at = hours.add(log.at, rng.randrange(4, 50) * HOUR)
            log.step(solved_at, agent, text.pick(rng, text.FINAL, log.ticket.language), status="solved")
        elif status in UNSOLVED:
            log.step(hours.add(log.at, rng.randrange(600, 5 * HOUR)), agent, status="solved")
        log.finish(survey=rng.random() < 0.3)
