"""The console script ``hutong``."""

from bot.cli import hutong


def main() -> None:
    """Run a command."""
    hutong(prog_name="hutong")


if __name__ == "__main__":
    main()
