"""Money as agreements write it: exact amounts, currencies with their smallest unit, multipliers (C4)."""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from social_sla.agreements.errors import suggest
from social_sla.agreements.values import read_text, shown, word_of, wrong

LARGEST_AMOUNT = Decimal("999999999999.999")

_TWO_DECIMALS = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP
CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR
KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN
PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD
TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG
"""
_NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"

MINOR_UNITS: dict[str, int] = {
    **dict.fromkeys(_TWO_DECIMALS.split(), 2),
    **dict.fromkeys(_NO_DECIMALS.split(), 0),
    **dict.fromkeys(_THREE_DECIMALS.split(), 3),
}
"""ISO 4217 code → decimals of its smallest unit."""


class Rounding(StrEnum):
    """What becomes of less than the currency's smallest unit (C4)."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    DOWN = "down"


def read_currency(value: Any) -> str:
    """An ISO 4217 code."""
    text = read_text(value)
    if text in MINOR_UNITS:
        return text
    hint = suggest(text, MINOR_UNITS) or "write an ISO 4217 code like EUR or AUD"
    raise wrong(f"unknown currency {shown(text)}; {hint}")


def read_amount(value: Any) -> Decimal:
    """An amount of money from 0 on, exactly as it is written; how many decimals it may have depends on the currency."""
    if isinstance(value, Decimal):
        return value
    text = read_text(value)
    if re.fullmatch(r"\d{1,3}([,' ]\d{3})+(\.\d+)?", text):
        raise wrong(f"{shown(text)} has marks between thousands; write {re.sub('[^0-9.]', '', text)}")
    if not re.fullmatch(r"\d+(\.\d+)?", text):
        raise wrong(f"{shown(text)} is not an amount from 0 on; write one like 24000.00, and the currency in currency")
    amount = Decimal(text)
    if amount > LARGEST_AMOUNT:
        raise wrong(f"{shown(text)} is more than {LARGEST_AMOUNT}; write a smaller amount")
    return amount


def read_multiplier(value: Any) -> Decimal:
    """A factor over 1 and up to 100, with at most three decimals."""
    if isinstance(value, Decimal):
        return value
    text = read_text(value)
    if not re.fullmatch(r"\d+(\.\d{1,3})?", text) or not 1 < Decimal(text) <= 100:
        raise wrong(f"{shown(text)} is not a factor over 1 and up to 100; write one like 1.5")
    return Decimal(text)


def has_decimals_of(amount: Decimal, currency: str) -> bool:
    """Whether an amount is a whole number of the currency's smallest unit."""
    return amount == amount.quantize(Decimal(1).scaleb(-MINOR_UNITS[currency]))


Currency = Annotated[
    str, BeforeValidator(read_currency), WithJsonSchema({"enum": sorted(MINOR_UNITS), "description": "ISO 4217."})
]
Amount = Annotated[
    Decimal,
    BeforeValidator(read_amount),
    WithJsonSchema({"anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": r"^\d+(\.\d+)?$"}]}),
]
Multiplier = Annotated[
    Decimal,
    BeforeValidator(read_multiplier),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 1, "maximum": 100}),
]
RoundingWord = Annotated[Rounding, BeforeValidator(word_of(Rounding, "rounding"))]
