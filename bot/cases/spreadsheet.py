"""Spreadsheets that are made in memory alone: the library would write each sheet to the disk first."""

import io
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter


class _InMemory(ExcelWriter):
    """A writer whose sheets, which hold what people said, lie in no temporary file meanwhile."""

    def write_worksheet(self, sheet: Worksheet) -> None:
        """As the library does it, but for the file."""
        sheet._drawing = SpreadsheetDrawing()  # cells are all that our sheets hold
        writer = WorksheetWriter(sheet, out=io.BytesIO())
        writer.write()
        sheet._rels = writer._rels
        self._archive.writestr(sheet.path[1:], writer.out.getvalue())
        self.manifest.append(sheet)


def save(book: Workbook, target: IO[bytes]) -> None:
    """Write a workbook of plain sheets as ``xlsx``."""
    _InMemory(book, ZipFile(target, "w", ZIP_DEFLATED)).save()
