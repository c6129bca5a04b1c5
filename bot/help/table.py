"""The table of topics and regions that ``docs/help.md`` holds: ``python -m bot.help.table``."""

from bot.help.catalogue import Catalogue, shipped
from bot.help.schema import wordings


def table(held: Catalogue) -> str:
    """Markdown: a line a topic, a column a region, with what the region's file says of it."""
    files = sorted(held.regions, key=lambda file: file.region.adcode)
    heads = ["topic", "", "national", *(wordings(f.region.name)[0] for f in files)]
    lines = [_row(heads), _row(["---"] * len(heads))]
    for name, topic in held.topics.items():
        own = ["✓" if name in file.topics else "" for file in files]
        lines.append(_row([f"`{name}`", topic.title, "✓", *own]))
    counted = [str(len(held.topics)), *(str(len(file.topics)) for file in files)]
    lines.append(_row(["**texts**", "", *counted]))
    return "\n".join(lines)


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    print(table(shipped()))
