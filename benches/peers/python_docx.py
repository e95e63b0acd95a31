"""What an office would write by hand: docx to xlsx with python-docx and openpyxl.

A sheet for each table, merged cells merged where they stand, numbers as numbers, the paragraphs on
a sheet of their own. `--read` only reads.
"""

import sys

from docx import Document
from docx.oxml.ns import qn
from openpyxl import Workbook


def number(text):
    if not text or text.startswith("0") and not text.startswith("0.") and text != "0":
        return None
    try:
        return float(text)
    except ValueError:
        return None


def text_of(cell):
    return "\n".join("".join(run.text or "" for run in p.iter(qn("w:t"))) for p in cell.iter(qn("w:p")))


def cells_of(table):
    """Row, column, rows and columns spanned, text of each cell, by true grid column."""
    cells, open_above = [], {}
    for row, tr in enumerate(table.iter(qn("w:tr"))):
        column = 0
        for tc in tr.iter(qn("w:tc")):
            properties = tc.tcPr
            span, merge = 1, None
            if properties is not None:
                if properties.gridSpan is not None:
                    span = properties.gridSpan.val
                if properties.vMerge is not None:
                    merge = properties.vMerge.val or "continue"
            if merge == "continue" and column in open_above:
                open_above[column][2] += 1
            else:
                cell = [row, column, 1, span, text_of(tc)]
                cells.append(cell)
                open_above.pop(column, None)
                if merge == "restart":
                    open_above[column] = cell
            column += span
    return cells


def main(source, target):
    document = Document(source)
    tables = [cells_of(table._tbl) for table in document.tables]
    paragraphs = [paragraph.text for paragraph in document.paragraphs]
    if target == "--read":
        print(len(tables), len(paragraphs))
        return
    book = Workbook()
    sheet = book.active
    sheet.title = "文本"
    for text in paragraphs:
        if text:
            sheet.append([text])
    for cells in tables:
        sheet = book.create_sheet()
        for row, column, rows, columns, text in cells:
            value = number(text)
            sheet.cell(row + 1, column + 1, text if value is None else value)
            if rows > 1 or columns > 1:
                sheet.merge_cells(
                    start_row=row + 1, start_column=column + 1, end_row=row + rows, end_column=column + columns
                )
    book.save(target)


main(sys.argv[1], sys.argv[2])
