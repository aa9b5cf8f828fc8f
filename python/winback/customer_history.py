"""One customer's events in a service."""

from __future__ import annotations

from typing import Any

from winback import _core
from winback._arguments import to_binary
from winback._time import Instant, to_text


class CustomerHistory:
    """The events of one customer, for a service that scores one customer at a time.

    :meth:`winback.ChurnModel.customer_history` makes an empty one with the columns and rules of the
    log that the model was trained on. Events are added in any order; the same events give the same
    features and the same score as in a batch, to the bit. Values of columns that the log had not
    are ignored. Threads may share it.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=400).event_log()
        >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
        >>> customer = model.customer_history()
        >>> customer.push_transaction("2024-11-05T18:30:00", amount=35.0)
        >>> customer.push_transaction("2024-09-01", amount=20.0, category="books")
        >>> customer.features(at="2025-01-01")["total_spend"]
        55.0
        >>> model.score_customer(customer, at="2025-01-01")["state"]
        'active'
    """

    def __init__(self, history: _core.CustomerHistory) -> None:
        """For :meth:`winback.ChurnModel.customer_history`."""
        self._history = history

    def push_transaction(
        self,
        time: Instant,
        *,
        amount: float | None = None,
        order_id: int | str | None = None,
        category: str | None = None,
        channel: str | None = None,
        discount: float | None = None,
        valid_until: Instant | None = None,
        known_at: Instant | None = None,
        key: str | None = None,
    ) -> None:
        """Add a transaction row, in constant time.

        One with an amount of zero is left out, where the log left them out, and counted in
        :attr:`zero_amounts`.

        Args:
            time: When it happened.
            amount: What was paid, negative for a return; needed where the log had amounts.
            order_id: The order it belongs to.
            category: Its category.
            channel: Its channel.
            discount: The part of the price given away.
            valid_until: Until when what was bought is valid: the end of a contract or of a paid
                period.
            known_at: When the business learned of it; by default when it happened.
            key: Your key of the row, such as the id of an order line: a row whose key is there
                already is not added again.

        Raises:
            ValueError: A time that is none; an amount that is missing, NaN or infinite where the
                log had amounts; an infinite discount.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
            >>> customer = model.customer_history()
            >>> customer.push_transaction("2024-11-05T18:30:00", amount=35.0, category="books")
            >>> customer.features(at="2025-01-01")["purchase_count"]
            1.0
            >>> customer.push_transaction("2024-11-06")
            Traceback (most recent call last):
            ValueError: ...
        """
        self._history.push_transaction(
            to_text("time", time),
            amount=amount,
            order_id=order_id,
            category=category,
            channel=channel,
            discount=discount,
            valid_until=_to_text("valid_until", valid_until),
            known_at=_to_text("known_at", known_at),
            key=key,
        )

    def push_ticket(
        self,
        opened_at: Instant,
        *,
        first_response_at: Instant | None = None,
        resolved_at: Instant | None = None,
        topic: str | None = None,
        reopened_count: float | None = None,
        satisfaction: float | None = None,
        known_at: Instant | None = None,
        id: str | None = None,
    ) -> None:
        """Add a support ticket, or put it in place of the one with its id.

        Args:
            opened_at: When it was opened.
            first_response_at: When it was first answered.
            resolved_at: When it was resolved; None: it is open.
            topic: Its topic.
            reopened_count: How often it was reopened.
            satisfaction: How the customer rated it.
            known_at: When the business learned of it; by default when it was opened.
            id: Your id of the ticket.

        Raises:
            ValueError: A time that is none; a ticket answered or resolved before it is opened; an
                infinite number.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
            >>> customer = model.customer_history()
            >>> customer.push_ticket("2024-12-20", topic="delivery")
            >>> customer.features(at="2025-01-01")["open_ticket_count"]
            1.0
        """
        self._history.push_ticket(
            to_text("opened_at", opened_at),
            first_response_at=_to_text("first_response_at", first_response_at),
            resolved_at=_to_text("resolved_at", resolved_at),
            topic=topic,
            reopened_count=reopened_count,
            satisfaction=satisfaction,
            known_at=_to_text("known_at", known_at),
            id=id,
        )

    def clear_tickets(self) -> None:
        """Take out all tickets.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
            >>> customer = model.customer_history()
            >>> customer.push_ticket("2024-12-20")
            >>> customer.clear_tickets()
            >>> customer.features(at="2025-01-01")["ticket_count"]
            0.0
        """
        self._history.clear_tickets()

    def push_answer(
        self,
        time: Instant,
        score: float,
        *,
        topic: str | None = None,
        known_at: Instant | None = None,
        id: str | None = None,
    ) -> None:
        """Add an answer to a survey, or put it in place of the one with its id.

        Args:
            time: When it was given.
            score: The score, 0 to 10.
            topic: Its topic.
            known_at: When the business learned of it; by default when it was given.
            id: Your id of the answer.

        Raises:
            ValueError: A time that is none, or another score.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
            >>> customer = model.customer_history()
            >>> customer.push_answer("2024-12-20", 9)
            >>> customer.features(at="2025-01-01")["last_survey_score"]
            9.0
        """
        self._history.push_answer(
            to_text("time", time),
            score,
            topic=topic,
            known_at=_to_text("known_at", known_at),
            id=id,
        )

    def push_event(
        self,
        time: Instant,
        kind: str,
        *,
        value: float | None = None,
        channel: str | None = None,
        known_at: Instant | None = None,
    ) -> None:
        """Add an event: something that the customer did, or that was done to reach the customer.

        Args:
            time: When it happened.
            kind: What happened, such as ``"visit"``, ``"cart"`` or ``"email_sent"``.
            value: A number that belongs to it.
            channel: Where it happened.
            known_at: When the business learned of it; by default when it happened.

        Raises:
            ValueError: A time that is none, a blank kind, an infinite value.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=300, events=True).event_log()
            >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
            >>> customer = model.customer_history()
            >>> customer.push_event("2024-09-01", "visit", channel="web")
            >>> len(customer)
            1
        """
        self._history.push_event(
            to_text("time", time),
            kind,
            value=value,
            channel=channel,
            known_at=_to_text("known_at", known_at),
        )

    def set_attribute(self, name: str, value: float | str | None) -> None:
        """Set an attribute of the customer; None or never set: missing.

        Args:
            name: Its name, a column of the customers table.
            value: A number or a text, of the type it had in training, which is checked when the
                customer is scored; None: missing.

        Raises:
            ValueError: A name that the model does not read, or an infinite number.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel(attributes=["segment"]).fit(log, until="2024-10-01")
            >>> customer = model.customer_history()
            >>> customer.push_transaction("2024-12-20", amount=20.0)
            >>> customer.set_attribute("segment", "family")
            >>> 0 < model.score_customer(customer, at="2025-01-01")["churn_probability"] < 1
            True
        """
        self._history.set_attribute(name, value)

    def remove_transaction(self, key: str) -> bool:
        """Take out the transaction row with this key.

        Args:
            key: The key it was given.

        Returns:
            Whether there was one.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> customer = wb.ChurnModel().fit(log, until="2024-10-01").customer_history()
            >>> for _ in range(2):
            ...     customer.push_transaction("2024-12-20", amount=20.0, key="line 1")
            >>> len(customer), customer.remove_transaction("line 1"), len(customer)
            (1, True, 0)
        """
        return self._history.remove_transaction(key)

    def remove_ticket(self, id: str) -> bool:
        """Take out the ticket with this id.

        Args:
            id: The id it was given.

        Returns:
            Whether there was one.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
            >>> customer = model.customer_history()
            >>> customer.push_ticket("2024-12-20", id="T-1")
            >>> customer.remove_ticket("T-1"), customer.remove_ticket("T-1")
            (True, False)
        """
        return self._history.remove_ticket(id)

    def remove_answer(self, id: str) -> bool:
        """Take out the survey answer with this id.

        Args:
            id: The id it was given.

        Returns:
            Whether there was one.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
            >>> customer = model.customer_history()
            >>> customer.push_answer("2024-12-20", 9, id="A-1")
            >>> customer.remove_answer("A-1"), customer.remove_answer("A-1")
            (True, False)
        """
        return self._history.remove_answer(id)

    def forget_before(self, at: Instant) -> int:
        """Forget all rows before an instant, to bound memory.

        Such rows that come later are left out. A model refuses to score a history that forgot what
        one of its features is made of, and names the feature; most features are made of all rows.

        Args:
            at: The instant.

        Returns:
            How many rows were forgotten.

        Raises:
            ValueError: An instant that is no time.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
            >>> customer = model.customer_history()
            >>> customer.push_transaction("2019-12-20", amount=20.0)
            >>> customer.push_transaction("2024-12-20", amount=20.0)
            >>> customer.forget_before("2020-01-01"), len(customer)
            (1, 1)
        """
        return self._history.forget_before(to_text("at", at))

    def to_bytes(self) -> bytes:
        """The history as bytes, for :meth:`from_bytes` of this release and later ones.

        Returns:
            The bytes, some 20 a row and the keys and texts in full.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
            >>> customer = model.customer_history()
            >>> customer.push_transaction("2024-12-20", amount=20.0)
            >>> same = wb.CustomerHistory.from_bytes(customer.to_bytes())
            >>> at = "2025-01-01"
            >>> model.score_customer(same, at=at) == model.score_customer(customer, at=at)
            True
        """
        return self._history.to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> CustomerHistory:
        """The history that :meth:`to_bytes` saved, in this release or an earlier one.

        Args:
            data: The bytes.

        Returns:
            The history, equal to the bit.

        Raises:
            ValueError: Bytes that are damaged, cut short, of a later release, or something else.
            TypeError: No bytes.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
            >>> customer = model.customer_history()
            >>> customer.push_transaction("2024-12-20", amount=20.0)
            >>> len(wb.CustomerHistory.from_bytes(customer.to_bytes()))
            1
        """
        return cls(_core.CustomerHistory.from_bytes(to_binary("data", data)))

    def __reduce__(self) -> tuple[Any, ...]:
        return CustomerHistory.from_bytes, (self.to_bytes(),)

    @property
    def zero_amounts(self) -> int:
        """How many transaction rows were left out because their amount is zero."""
        count: int = self._history.zero_amounts()
        return count

    def __len__(self) -> int:
        """How many rows it has: transaction rows, tickets and answers."""
        return len(self._history)

    def features(self, at: Instant) -> dict[str, float]:
        """All features that the log's columns allow, by name; NaN where not defined.

        Args:
            at: The cutoff; an event at the cutoff itself comes after it.

        Returns:
            Feature names and their values.

        Raises:
            ValueError: A cutoff that is no time.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
            >>> customer = model.customer_history()
            >>> customer.push_transaction("2024-12-22", amount=20.0)
            >>> customer.features(at="2025-01-01")["days_since_last_purchase"]
            10.0
        """
        features: dict[str, Any] = self._history.features(to_text("at", at))
        return features


def _to_text(name: str, at: Instant | None) -> str | None:
    return None if at is None else to_text(name, at)
