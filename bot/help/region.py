"""A region as somebody named it."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Region:
    """A division and its name.

    Args:
        adcode: six digits (GB/T 2260).
        name: of its city, or of its province where no city was named; as people write it.
        text: the words for the place, by which a neighbourhood's contact is found.
    """

    adcode: str
    name: str
    text: str = ""

    @classmethod
    def of_place(cls, place: dict[str, Any] | None) -> "Region | None":
        """The region of the fact ``location``, or ``None`` while not even the province is known."""
        if not place or not place.get("adcode"):
            return None
        name = place.get("city") or place.get("province") or place.get("county") or ""
        return cls(place["adcode"], name, place.get("text", ""))

    @classmethod
    def from_json(cls, value: dict[str, Any] | None) -> "Region | None":
        """The region that ``to_json`` wrote."""
        return cls(**value) if value else None

    def to_json(self) -> dict[str, Any]:
        """The region as plain JSON."""
        return asdict(self)

    def chain(self) -> list[str]:
        """The codes that hold here, the nearest first: county, city, province."""
        codes = [self.adcode, self.adcode[:4] + "00", self.adcode[:2] + "0000"]
        return list(dict.fromkeys(codes))
