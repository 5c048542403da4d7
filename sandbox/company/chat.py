"""Tickets of the chat and messaging desk (channel zd_chat): short turns, a bot, an overnight shift."""

from __future__ import annotations

from random import Random
from typing import Any

from sandbox.company import text
from sandbox.company.hours import Hours
from sandbox.company.people import BOT_ID, CHAT_CARE, Customers, Staff
from sandbox.company.plan import Case
from sandbox.company.ticketlog import TicketLog
from sandbox.company.world import Ticket

FIRST_RESPONSE_SECONDS = 600
NEXT_RESPONSE_SECONDS = 1800
NEXT_MISS_RATE = 0.05


class ChatDesk:
    """Turns cases into chat tickets."""

    def __init__(self, rng: Random, staff: Staff, customers: Customers, hours: Hours) -> None:
        self.rng = rng
        self.staff = staff
        self.customers = customers
        self.hours = hours

    def run(self, case: Case) -> Ticket:
        """The whole life of one case's ticket."""
        rng, hours = self.rng, self.hours
        language = "en" if rng.random() < 0.35 else "de"
        requester = self.customers.writing(case.at, language, "Europe/Berlin").person_id
        via = "native_messaging" if rng.random() < 0.4 else "chat"
        subject = "Conversation with Web User" if via == "native_messaging" else "Chat with visitor"
        ticket = Ticket("zd_chat", via, requester, requester, subject, language, case.at)
        log = TicketLog(ticket)
        priority = "normal" if rng.random() < 0.8 else None
        fields: dict[str, Any] = {
            "subject": subject,
            "requester_id": requester,
            "status": "new",
            "priority": priority,
            "group_id": CHAT_CARE,
            "assignee_id": None,
            "tags": ["chat"],
        }
        log.create(requester, text.ask(rng, language), fields)
        if rng.random() < 0.35:
            log.step(case.at + rng.randrange(1, 5), BOT_ID, text.BOT_HELLO[language], via=via)
        wait = rng.randrange(720, 3300) if case.is_missed else 15 + int(460 * rng.betavariate(1.5, 3.0))
        replied_at = hours.add(case.at, wait)
        agent = self.staff.on_shift(rng, CHAT_CARE, replied_at)
        if case.is_missed and rng.random() < 0.12:
            ticket.story = "silence"
            log.step(hours.add(case.at, rng.randrange(2400, 9000)), agent, status="solved", priority="normal")
            log.finish(survey=False)
            return ticket
        self._more(log, replied_at)
        taken_at = hours.add(case.at, max(5, wait - rng.randrange(2, 12)))
        log.step(taken_at, agent, via=via, assignee_id=agent, status="open", priority=priority or "normal")
        self._say(log, replied_at, agent)
        self._turns(log, agent)
        self._end(log, agent)
        return ticket

    def _say(self, log: TicketLog, at: int, agent: int) -> bool:
        return log.step(at, agent, text.pick(self.rng, text.ANSWER, log.ticket.language), via=log.ticket.via)

    def _more(self, log: TicketLog, until: int) -> None:
        """More lines by the customer before the answer."""
        while self.rng.random() < 0.35:
            at = log.at + self.rng.randrange(4, 60)
            if at >= until - 3:
                return
            log.inbound(at, text.pick(self.rng, text.MORE, log.ticket.language), via=log.ticket.via)

    def _turns(self, log: TicketLog, agent: int) -> None:
        """Follow-up lines and their answers."""
        rng, hours = self.rng, self.hours
        for _ in range(rng.choices((0, 1, 2, 3, 4), (30, 30, 22, 12, 6))[0]):
            at = log.at + 8 + int(rng.expovariate(1 / 90))
            if not log.inbound(at, text.ask(rng, log.ticket.language), via=log.ticket.via):
                return
            is_late = rng.random() < NEXT_MISS_RATE
            wait = rng.randrange(2100, 5400) if is_late else 20 + int(1200 * rng.betavariate(1.1, 4.0))
            replied_at = hours.add(log.at, wait)
            self._more(log, replied_at)
            self._say(log, replied_at, agent)
            if rng.random() < 0.1:
                # Several lines by the agent in a row: only the first one answers.
                log.step(log.at + rng.randrange(5, 40), agent, "…", via=log.ticket.via)

    def _end(self, log: TicketLog, agent: int) -> None:
        """Thanks without an answer, solved, a survey by the bot."""
        rng, hours = self.rng, self.hours
        if rng.random() < 0.3:
            log.inbound(
                log.at + rng.randrange(5, 120), text.pick(rng, text.THANKS, log.ticket.language), via=log.ticket.via
            )
        if rng.random() < 0.006:
            log.ticket.story = "stays_open"
            return
        if log.step(hours.add(log.at, rng.randrange(30, 900)), agent, status="solved") and rng.random() < 0.5:
            log.step(log.at + 1, BOT_ID, text.SURVEY[log.ticket.language], via=log.ticket.via)
        log.finish(survey=False)
