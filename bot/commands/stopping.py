"""What is wrong with the set-up is told in one sentence."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from bot.settings import SettingError


def stops_with_a_sentence(command: Callable[..., None]) -> Callable[..., None]:
    """What is wrong with the set-up is told in one sentence, without a traceback."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        from sqlalchemy.exc import SQLAlchemyError

        from bot.alone import ServedTwiceError
        from bot.cases.datafile import DataFileError
        from bot.cases.keyring import SealError, WrongKeyError
        from bot.database import SchemaError
        from bot.drawing import DrawingError
        from bot.help.reading import HelpFileError
        from bot.links import LinkError
        from bot.texts import MissingCatalogueError
        from bot.training import ModelError, TrainingError

        try:
            command(*args, **kwargs)
        except (
            SettingError,
            SchemaError,
            SealError,
            WrongKeyError,
            HelpFileError,
            MissingCatalogueError,
            TrainingError,
            DrawingError,
            DataFileError,
            LinkError,
            ModelError,
            ServedTwiceError,
        ) as error:
            raise click.ClickException(str(error)) from None
        except SQLAlchemyError as error:
            name = type(error).__name__
            raise click.ClickException(
                f"The database of HUTONG_DATABASE_URL cannot be used ({name})."
            ) from None

    return run
