"""How accounts live: when they sign in, what they pay, how much they use."""

from typing import Any

from ringfence.worlds.calendar import DAY_MS, HOUR_MS, WEEK_MS, Calendar, awake, to_text
from ringfence.worlds.diary import (
    ATTACH,
    CHARGE,
    SIGN_IN,
    SIGN_UP,
    USAGE,
    Diary,
    EventRow,
    device_data,
    instrument_data,
    sign_up_data,
)
from ringfence.worlds.dice import Dice, Weighted
from ringfence.worlds.drafts import Draft, Stray
from ringfence.worlds.knobs import Knobs
from ringfence.worlds.things import Instrument

_MONTH_MS = 30 * DAY_MS


class Behaviour:
    """Turns drafts into events; each scenario has its own, with its own dice."""

    def __init__(self, knobs: Knobs, calendar: Calendar, dice: Dice) -> None:
        self._dice = dice
        self._end_ms = calendar.end_ms
        self._weeks = calendar.weeks
        self._week_starts = [to_text(start) for start, _ in calendar.weeks]
        self._sign_ins: Weighted[int] = Weighted(dict(enumerate(knobs.values("sign_ins"))))
        self._weekly = knobs.values("exchanges_a_week")
        self._active = knobs.number("active_week")
        self._tokens = knobs.values("tokens_an_exchange")
        self._capabilities = knobs.choice("capabilities")
        self._attach_hours = knobs.values("attach_hours")
        self._max_charges = int(knobs.number("max_charges"))
        plans = knobs.table("plans").tables()
        self._usage = {plan: table.number("usage") for plan, table in plans.items()}
        self._price = {plan: table.bounds("price") for plan, table in plans.items()}
        billing = knobs.table("billing").tables()
        self._outcomes = {name: table.choice("outcomes") for name, table in billing.items()}

    def events_of(self, draft: Draft) -> list[EventRow]:
        """The events of one account, the sign-up first, the others in no particular order."""
        diary = Diary(draft, self._dice, self._end_ms)
        diary.write(draft.signed_up_ms, SIGN_UP, sign_up_data(draft))
        self._sign_in(diary)
        self._pay(diary)
        self._use(diary)
        for stray in draft.strays:
            self._go_astray(diary, stray)
        return diary.rows

    def exchanges(self, plan: str, from_ms: int, left_ms: int, usage: float = 1.0) -> list[int]:
        """Exchanges of each reported week that an account of that plan makes while it stays."""
        dice, scale = self._dice, usage * self._usage[plan]
        found = []
        for start, end in self._weeks:
            stay_ms = min(end, left_ms) - max(start, from_ms)
            if stay_ms > 0 and dice.chance(self._active):
                found.append(1 + int(dice.along(self._weekly) * scale * stay_ms / WEEK_MS))
            else:
                found.append(0)
        return found

    def _sign_in(self, diary: Diary) -> None:
        dice, devices = self._dice, diary.draft.devices
        for _ in range(dice.weighted(self._sign_ins)):
            at = self._moment(diary, diary.awake_ms, diary.left_ms)
            device = devices[0] if dice.chance(0.75) else dice.pick(devices)
            diary.write(at, SIGN_IN, {"ip": diary.address(), **device_data(device)})

    def _pay(self, diary: Diary) -> None:
        draft, at = diary.draft, diary.awake_ms
        for number, instrument in enumerate(draft.instruments):
            if number == 0 and draft.attach_delay_ms is not None:
                at += draft.attach_delay_ms
            else:
                at += int(self._dice.along(self._attach_hours) * HOUR_MS)
            if at >= diary.left_ms:
                return
            data = instrument_data(instrument) | {"ip": diary.address()}
            diary.write(at, ATTACH, data | device_data(draft.devices[0]))
            self._charge(diary, instrument, at)
            at += 20 * DAY_MS

    def _charge(self, diary: Diary, instrument: Instrument, attached_ms: int) -> None:
        """Bill by the month, or by as many months as keep a long stay to a few bills."""
        dice, draft = self._dice, diary.draft
        months = 1 + (diary.left_ms - attached_ms) // _MONTH_MS // self._max_charges
        at = attached_ms + dice.below(HOUR_MS // 4)
        while at < diary.left_ms:
            outcome = dice.weighted(self._outcomes[draft.billing])
            diary.write(at, CHARGE, self._bill(draft.plan, instrument, outcome, months))
            at += months * _MONTH_MS + dice.below(12 * HOUR_MS)

    def _bill(
        self, plan: str, instrument: Instrument, outcome: str, months: int = 1
    ) -> dict[str, Any]:
        low, high = self._price[plan]
        amount = low if low == high else self._dice.between(low, high) // 100 * 100
        return {
            "instrument_id": instrument.id,
            "amount_minor": amount * months,
            "currency": "USD",
            "outcome": outcome,
        }

    def _use(self, diary: Diary) -> None:
        dice, draft = self._dice, diary.draft
        weekly = draft.exchanges_by_week
        if weekly is None:
            weekly = self.exchanges(draft.plan, diary.awake_ms, diary.left_ms, draft.usage)
        capability = dice.weighted(self._capabilities)
        for week, requests in enumerate(weekly):
            if not requests:
                continue
            start, end = self._weeks[week]
            at = self._moment(diary, max(start, diary.awake_ms), min(end, diary.left_ms))
            data = {
                "requests": requests,
                "tokens": int(requests * dice.along(self._tokens)),
                "capability": capability,
                "period_start": self._week_starts[week],
                "period_end": to_text(at),
            }
            diary.write(at, USAGE, data)

    def _go_astray(self, diary: Diary, stray: Stray) -> None:
        at = diary.awake_ms + int(stray.after * max(0, diary.left_ms - diary.awake_ms))
        if stray.instrument:
            bill = self._bill(diary.draft.plan, stray.instrument, stray.outcome)
            diary.write(at, CHARGE, bill)
        else:
            device = stray.device or diary.draft.devices[0]
            data = {"ip": stray.address, **device_data(device)}
            diary.write(at, SIGN_IN, data)

    def _moment(self, diary: Diary, from_ms: int, to_ms: int) -> int:
        """A waking moment in the range, or any if that day's lies outside."""
        draft = diary.draft
        at = from_ms + int(self._dice.unit() * max(0, to_ms - from_ms))
        moment = awake(self._dice, at // DAY_MS * DAY_MS, draft.person.country, draft.hours)
        return moment if from_ms <= moment < to_ms else at
