"""How files are read: what `[input]` of the configuration says beside what is read."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from broadsheet.contract import Contract
from broadsheet.errors import CallError
from broadsheet.privacy import Privacy
from broadsheet.read.found import Limits
from broadsheet.read.records import Fields


@dataclass(frozen=True, slots=True)
class Reading:
    """Settings of reading, of which the first six are part of a release's configuration."""

    format: str | None = None
    """What all files are read as; None asks their contents and names."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Names of the users' own fields, by our name."""
    limits: Limits = field(default_factory=Limits)
    keep_bytes: bool = False
    contract: Contract = field(default_factory=lambda: Contract.of(None))
    """What records are to be; reading asks it for the names and kinds of fields."""
    privacy: Privacy | None = None
    """What is masked, and which names are hidden; None hides nothing."""
    strict: bool = False
    """Whether to stop at the first thing that cannot be read."""

    @classmethod
    def of(
        cls,
        given: Mapping[str, Any],
        *,
        contract: Contract | None = None,
        privacy: Privacy | None = None,
        strict: bool = False,
    ) -> "Reading":
        """The settings in a configuration's table `input`.

        Raises: CallError for a field that is none of ours, and where bytes are to be kept of what is to be hidden.
        """
        if privacy and given.get("keep_bytes"):
            raise CallError("input.keep_bytes keeps what privacy hides; leave out one of them")
        contract = contract or Contract.of(None)
        Fields(given.get("fields", {}), contract)  # says at once what readers would say of a wrong mapping
        return cls(
            format=given.get("format"),
            fields=given.get("fields", {}),
            limits=Limits(**given.get("limits", {})),
            keep_bytes=given.get("keep_bytes", False),
            contract=contract,
            privacy=privacy,
            strict=strict,
        )

    def to_json(self) -> dict[str, Any]:
        """The settings as engines pass them to tasks."""
        return {
            "format": self.format,
            "fields": dict(self.fields),
            "limits": asdict(self.limits),
            "keep_bytes": self.keep_bytes,
            "contract": self.contract.to_json(),
            "privacy": self.privacy and self.privacy.to_json(),
            "strict": self.strict,
        }
