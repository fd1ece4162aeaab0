"""Where phone numbers stand in a text: candidates by form, each judged by the numbering plans of `phonenumbers`."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

from broadsheet.errors import CallError
from broadsheet.privacy.find import Span

_GAP: Final = "[ \\t\u00a0\u2007\u2009\u202f./()\u2010-\u2015\\-]"
# It begins with a class of characters, which is what `re` looks for fastest; what stands before is looked at then.
_CANDIDATE: Final = re.compile(rf"\d(?:{_GAP}{{0,3}}\d){{5,17}}(?![\w@])")
_LEAD: Final = re.compile(r"(?<![\w@#=_])(?:[+\uff0b]\s?\(?|\()?\Z")
_CUE: Final = re.compile(
    r"(?:\b(?:tel|tél|telephone|téléphone|telefon|telefone|teléfono|telefono|telefoon|téléphone|puhelin|phone|fon|"
    r"fone|mobile|mobil|móvil|movil|cell|cel|celular|handy|gsm|fax|telefax|call|ring|text|sms|whatsapp|viber|signal|"
    r"hotline|helpline|dial|contact|điện thoại|telp|hp|simu)|тел|телефон|моб|факс|звоните|τηλ|τηλέφωνο|κιν|טל|טלפון|"
    r"נייד|هاتف|تلفون|جوال|موبايل|محمول|فاكس|واتساب|تلفن|موبایل|फ़ोन|फोन|मोबाइल|ফোন|โทร|โทรศัพท์|電話|电话|手机|手機|"
    r"携帯|전화|휴대폰|☎|☏|📞|📱|✆)[^\w\n]{0,3}(?:(?:no|nr|number|numéro|nummer)\b[^\w\n]{0,3}|\w{1,8}[^\w\n]{1,3})?\Z",
    re.IGNORECASE,
)
_CUE_CHARS: Final = 28
_NOT_BEFORE: Final = re.compile(
    r"(?:[$€£¥₹₽₪₺₩°º#§]\s?|\d[,:'’]|isbn[^\w]{0,4}(?:1[03][^\w]{1,3})?|issn\W{0,3}|doi\W{0,3}|iban\W{0,3}|№\s?)\Z",
    re.IGNORECASE,
)
_NOT_BEHIND: Final = re.compile(
    r"(?:\s?[$€£¥₹₽₪₺₩°%‰]|[,:'’]\d|\s?(?:eur|euro|euros|usd|gbp|dollars?|km|kg|mm|m²)\b)", re.I
)
_DATE: Final = re.compile(
    r"(?:1\d|20)\d\d([-./ ])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01])(?!\d)"
    r"|(?:0?[1-9]|[12]\d|3[01])([-./])(?:0?[1-9]|[12]\d|3[01])\2(?:(?:1\d|20)\d\d|\d\d)(?!\d)"
    r"|(?:0?[1-9]|[12]\d|3[01]) (?:0?[1-9]|1[0-2]) (?:1\d|20)\d\d(?!\d)"
    r"|(?:(?:1[5-9]|20)\d\d\D{1,3}){1,}(?:1[5-9]|20)\d\d(?!\d)"
)
_DECIMALS: Final = re.compile(r"\(?\d{1,3}\.\d{3,}(?:\s|\Z)|\d+\.\d+\s*[-\u2010-\u2015]\s*\d+\.\d+\Z")
_THOUSANDS: Final = re.compile("(?!0)\\d{1,3}([ .\u00a0\u2009\u202f])\\d{3}(?:\\1\\d{3})+")
_GROUPS: Final = re.compile(r"\d+")
_MAX_GROUPS: Final = 6
_COUNTRY_DOMAINS: Final = {"uk": "GB", "su": "RU", **dict.fromkeys(("ac", "ai", "cc", "co", "fm", "io", "me", "tv"))}
"""Domains of countries that are not called as their regions are, or that everybody uses."""


def check_regions(regions: Iterable[str]) -> None:
    """Raises: CallError where a region has no numbering plan that is known."""
    import phonenumbers

    unknown = sorted(set(regions) - phonenumbers.SUPPORTED_REGIONS)
    if unknown:
        raise CallError(
            f"privacy.phone_regions: unknown {', '.join(unknown)}; expected ISO 3166 codes such as DE or SY"
        )


def region_of(host: str | None) -> str | None:
    """The region of a host by its top-level domain; None where that tells none."""
    if not host:
        return None
    import phonenumbers

    ending = host.rpartition(".")[2].lower()
    region = _COUNTRY_DOMAINS.get(ending, ending.upper())
    return region if region in phonenumbers.SUPPORTED_REGIONS else None


def phones(text: str, regions: Sequence[str]) -> Iterator[Span]:
    """Phone numbers, each valid in a numbering plan.

    With a country code (`+` or `00`) those of every region; without one those that the `regions` write so, and behind
    a word such as `Tel.` those of any region.
    """
    last = 0
    for match in _CANDIDATE.finditer(text):
        at = match.start()
        lead = _LEAD.search(text, max(at - 4, 0), at)
        if lead and lead.start() >= last:
            span = _judged(text, lead.start(), match.end(), regions)
            if span:
                start, last = span
                # A bracket that the number does not close stands around it.
                yield start + (text[start] == "(" and ")" not in text[start:last]), last


def _judged(text: str, start: int, end: int, regions: Sequence[str]) -> Span | None:
    """The span of the number that a candidate begins with; None where it is none."""
    written = text[start:end]
    before, behind = text[max(start - _CUE_CHARS, 0) : start], text[end : end + 8]
    cue = _CUE.search(before) is not None
    if written[0] not in "+\uff0b" and behind[:1] in ("+", "\uff0b") and _valid(_digits(written), None):
        return start, end + 1  # as texts from right to left have it
    for length in _lengths(written):
        digits = _digits(written[:length])
        if written[0] in "+\uff0b":
            if _valid(digits, None):
                return start, start + length
        elif _is_dialled_abroad(digits) or (cue and length == len(written) and _is_of_any(digits, regions)):
            return start, start + length
    if written[0] in "+\uff0b" or cue or _NOT_BEFORE.search(before) or _NOT_BEHIND.match(behind):
        return None
    if _DATE.match(written) or _DECIMALS.match(written) or _THOUSANDS.fullmatch(written) or _is_isbn(written):
        return None
    for length in _lengths(written):
        if any(_is_written_so(written[:length], region) for region in regions):
            return start, start + length
    return None


def _is_dialled_abroad(digits: str) -> bool:
    """Whether the digits are a number behind what one dials to call another country."""
    return any(
        digits.startswith(prefix) and len(digits) > 9 and _valid(digits[len(prefix) :], None)
        for prefix in ("00", "011")
    )


def _is_of_any(digits: str, regions: Sequence[str]) -> bool:
    return len(digits) >= 6 and (any(_valid(digits, region) for region in regions) or _valid_anywhere(digits))


def _lengths(written: str) -> Iterator[int]:
    """The lengths of what a candidate begins with, the longest first: a year or a second number may follow."""
    for end in [group.end() for group in _GROUPS.finditer(written)][::-1][:4]:
        if sum(map(str.isdigit, written[:end])) >= 6:
            closing = written[end : end + 1] == ")" and written[:end].count("(") > written[:end].count(")")
            yield end + closing


def _digits(text: str) -> str:
    """The decimal digits of a text, of whatever script, as ASCII."""
    return "".join(str(int(char)) for char in text if char.isdecimal())


@lru_cache(1 << 14)
def _valid(digits: str, region: str | None) -> bool:
    """Whether the digits are a number of the region; None: of any, its country code before it."""
    return _parsed(digits, region) is not None


def _parsed(digits: str, region: str | None) -> Any:
    import phonenumbers

    try:
        number = phonenumbers.parse(f"+{digits}" if region is None else digits, region)
    except phonenumbers.NumberParseException:
        return None
    if region is None:
        return number if phonenumbers.is_valid_number(number) else None
    return number if phonenumbers.is_valid_number_for_region(number, region) else None


@lru_cache(1 << 12)
def _valid_anywhere(digits: str) -> bool:
    import phonenumbers

    return any(_valid(digits, region) for region in sorted(phonenumbers.SUPPORTED_REGIONS))


@lru_cache(1 << 14)
def _is_written_so(written: str, region: str) -> bool:
    """Whether a number without a country code is valid in the region, and written as one there.

    With the trunk prefix or an area code in brackets, or in the groups that the region writes.
    """
    import phonenumbers

    groups = [_digits(group) for group in _GROUPS.findall(written)]
    digits = "".join(groups)
    has_prefix = written[0] == "(" or (digits[0] == "0" and len(digits) >= 9)
    if len(groups) > _MAX_GROUPS or not (has_prefix or len(groups) > 1):
        return False  # told before the plan is asked, which takes longest
    number = _parsed(digits, region)
    if number is None or has_prefix:
        return number is not None
    national = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    return groups == _GROUPS.findall(national)


def _is_isbn(written: str) -> bool:
    """Whether the digits are an ISBN by their check digit, written as one: ten or thirteen, parted by hyphens."""
    digits = _digits(written)
    if len(digits) == 13 and digits.startswith(("978", "979")):
        return sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(digits)) % 10 == 0
    is_parted = written.count("-") == 3 and len(digits) == 10
    return is_parted and sum(int(d) * (10 - i) for i, d in enumerate(digits)) % 11 == 0
