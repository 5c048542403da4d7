"""What happens to some tickets beside the ordinary: spam, deletion, merges, tests, bulk and silent system updates."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

from sandbox.company import text
from sandbox.company.email import EmailDesk
from sandbox.company.hours import END_AT, FIRST_AT, Hours
from sandbox.company.people import ADMIN_ID, CONVERTED_ID, DAY, EMAIL_CARE, ROLE_CHANGE_AT, Customers, Staff
from sandbox.company.plan import Case
from sandbox.company.ticketlog import HOUR, UNSOLVED, TicketLog
from sandbox.company.world import SYSTEM_ID, Comment, Step, Ticket

BULK_AT = int(datetime(2026, 3, 18, 6, tzinfo=UTC).timestamp())
BULK_COUNT = 1_250


class Oddities:
    """Makes the extra tickets and alters ordinary ones."""

    def __init__(self, rng: Random, staff: Staff, customers: Customers, hours: Hours, desk: EmailDesk) -> None:
        self.rng = rng
        self.staff = staff
        self.customers = customers
        self.hours = hours
        self.desk = desk

    def spam(self, count: int) -> list[Ticket]:
        """Junk mail: tagged `spam` by an agent, mostly deleted later, the sender suspended."""
        rng = self.rng
        tickets = []
        for _ in range(count):
            at = rng.randrange(FIRST_AT, END_AT - DAY)
            sender = self.customers.new(at, "en", "Etc/UTC", f"promo{rng.randrange(10**6)}@spam.example")
            ticket = Ticket("zd_email", "email", sender.person_id, sender.person_id, "YOU WON", "en", at, story="spam")
            log = TicketLog(ticket)
            fields = {
                "subject": "YOU WON",
                "requester_id": sender.person_id,
                "status": "new",
                "priority": None,
                "group_id": EMAIL_CARE,
                "assignee_id": None,
                "tags": [],
            }
            log.create(sender.person_id, text.filled(rng, rng.choice(text.SPAM)), fields)
            seen_at = self.hours.add(at, rng.randrange(600, 12 * HOUR))
            agent = self.staff.on_shift(rng, EMAIL_CARE, seen_at)
            if log.add_tags(seen_at, agent, "spam"):
                sender.is_suspended = True
                sender.updated_at = log.at
                if rng.random() < 0.6:
                    log.step(log.at + rng.randrange(60, 3 * DAY), ADMIN_ID, status="deleted")
                    ticket.scrubbed = rng.random() < 0.3
                else:
                    log.step(log.at + rng.randrange(5, 60), agent, status="solved")
            tickets.append(ticket)
        return tickets

    def merges(self, parents: list[Ticket], count: int) -> list[Ticket]:
        """Duplicates sent while the customer waited, merged into the first ticket before it was answered (D9)."""
        rng = self.rng
        found: list[Ticket] = []
        for parent in rng.sample(parents, len(parents)):
            if len(found) == count:
                break
            answered = next((i for i, s in enumerate(parent.steps) if _is_answer(s.comment, s.actor_id, parent)), None)
            if answered is None or parent.story:
                continue
            room = parent.steps[answered].at - parent.steps[answered - 1].at
            if room < 1200:
                continue
            merge_at = parent.steps[answered].at - room // 4
            if not self.hours.is_open(merge_at) or merge_at - parent.created_at < 1500:
                continue
            at = rng.randrange(parent.created_at + 300, merge_at - 600)
            child = self.desk.open_ticket(Case("zd_email", at), "low", parent.requester_id)
            agent = self.staff.on_shift(rng, EMAIL_CARE, merge_at)
            parent.story = "merge_target"
            _merge(child, parent, merge_at, agent)
            note = Comment(agent, "merge", is_public=False)
            parent.steps.insert(answered, Step(merge_at, agent, "merge", note, other_ticket=child.ticket))
            found.append(child.ticket)
        return found

    def late_merges(self, count: int) -> list[Ticket]:
        """Duplicates that came after the first answer: the message moves to the first ticket and is answered there."""
        rng, hours = self.rng, self.hours
        found: list[Ticket] = []
        for _ in range(count):
            at = hours.next_open(rng.randrange(FIRST_AT, END_AT - 20 * DAY)) + 900
            log = self.desk.open_ticket(Case("zd_email", at), "normal")
            agent = self.staff.on_shift(rng, EMAIL_CARE, at)
            answer = text.pick(rng, text.ANSWER, log.ticket.language)
            log.step(hours.add(at, rng.randrange(1200, 2 * HOUR)), agent, answer, status="pending", assignee_id=agent)
            child = self.desk.open_ticket(
                Case("zd_email", log.at + rng.randrange(600, 3 * HOUR)), "low", log.ticket.requester_id
            )
            merge_at = hours.add(child.at, rng.randrange(600, HOUR))
            _merge(child, log.ticket, merge_at, agent)
            log.step(merge_at, agent, "merge", is_public=False, via="merge", other=child.ticket, status="open")
            answer = text.pick(rng, text.ANSWER, log.ticket.language)
            log.step(hours.add(log.at, rng.randrange(600, HOUR)), agent, answer, status="solved")
            log.finish(survey=False)
            log.ticket.story = "merge_target"
            found += [log.ticket, child.ticket]
        return found

    def deletions(self, tickets: list[Ticket], count: int) -> None:
        """Tickets that an administrator deleted, before or after they were answered."""
        ordinary = [t for t in tickets if not t.story and t.values["status"] in (*UNSOLVED, "solved", "closed")]
        for ticket in self.rng.sample(ordinary, count):
            keep = self.rng.randrange(1, len(ticket.steps) + 1)
            _cut(ticket, keep)
            log = TicketLog(ticket)
            if log.step(log.at + self.rng.randrange(60, 2 * DAY), ADMIN_ID, status="deleted"):
                ticket.story = "deleted"
                ticket.scrubbed = self.rng.random() < 0.4

    def role_history(self) -> list[Ticket]:
        """Tickets that Vera Castell opened as a customer, months before she became an agent (R4)."""
        tickets = []
        for number in range(3):
            at = self.hours.next_open(FIRST_AT + (25 + 50 * number) * DAY) + 1800
            assert at < ROLE_CHANGE_AT
            log = self.desk.open_ticket(Case("zd_email", at), "normal", CONVERTED_ID)
            agent = self.staff.on_shift(self.rng, EMAIL_CARE, at)
            log.step(self.hours.add(at, 3000), agent, "We will look into it.", status="pending", assignee_id=agent)
            log.inbound(self.hours.add(log.at, 2 * HOUR), "Any news? I work nearby and could come by.")
            log.step(self.hours.add(log.at, HOUR), agent, "All done.", status="solved")
            log.ticket.story = "role_history"
            log.finish(survey=False)
            tickets.append(log.ticket)
        return tickets

    def tests(self, count: int) -> list[Ticket]:
        """Test tickets of the administrator, tagged `test`."""
        tickets = []
        for number in range(count):
            at = self.hours.next_open(FIRST_AT + (40 + 60 * number) * DAY) + 3600
            log = self.desk.open_ticket(Case("zd_email", at), "normal", ADMIN_ID)
            log.ticket.story = "test"
            agent = self.staff.on_shift(self.rng, EMAIL_CARE, at)
            log.add_tags(self.hours.add(at, 300), agent, "test")
            log.step(self.hours.add(at, 900), agent, "Seen.", status="solved", assignee_id=agent)
            tickets.append(log.ticket)
        return tickets

    def bulk_update(self, tickets: list[Ticket]) -> None:
        """A job that tags more tickets in one second than a page of the export holds."""
        old = [t for t in tickets if t.updated_at < BULK_AT and t.values["status"] == "closed"]
        for ticket in sorted(old, key=lambda t: t.updated_at)[-BULK_COUNT:]:
            TicketLog(ticket).add_tags(BULK_AT, SYSTEM_ID, "winter_2025", via="batch")

    def silent_updates(self, tickets: list[Ticket]) -> None:
        """The system rewrites a fifth of the records later: `generated_timestamp` moves, the history does not."""
        for ticket in tickets:
            ticket.touched_at = ticket.updated_at + self.rng.choice((0, 0, 1, 2))
            if self.rng.random() < 0.2:
                ticket.touched_at += self.rng.randrange(60, 40 * DAY)
            ticket.touched_at = min(ticket.touched_at, END_AT - 1)


def _is_answer(comment: Comment | None, actor_id: int, ticket: Ticket) -> bool:
    return comment is not None and comment.is_public and actor_id != ticket.requester_id


def _merge(child: TicketLog, parent: Ticket, at: int, agent: int) -> None:
    """Close the child as merged into its parent."""
    tags = [*(child.value("tags") or []), "closed_by_merge"]
    child.step(at, agent, "merge", is_public=False, via="merge", other=parent, status="closed", tags=tags)
    child.ticket.story = "merged"


def _cut(ticket: Ticket, keep: int) -> None:
    """Forget all but the first steps and bring the fields back to what they were then."""
    del ticket.steps[keep:]
    ticket.values = {}
    for step in ticket.steps:
        ticket.values.update({change.name: change.value for change in step.changes})
