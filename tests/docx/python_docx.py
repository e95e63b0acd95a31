"""Builds a document with python-docx from what another says: real headings, merged cells, split runs.

Usage: python_docx.py SOURCE.docx TARGET.docx
"""

import sys

import docx
from docx.oxml.ns import qn
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph


def add_runs(paragraph, text):
    """The text in runs of five characters, every other one bold."""
    for at in range(0, len(text), 5):
        paragraph.add_run(text[at : at + 5]).bold = at % 2 == 0


def outline_level(paragraph):
    """The level of a heading by its outline level or its style, or None."""
    level = paragraph._p.find(qn("w:pPr") + "/" + qn("w:outlineLvl"))
    if level is not None:
        return int(level.get(qn("w:val"))) + 1
    style = paragraph.style
    while style is not None:
        name = style.name.lower()
        if name.startswith("heading"):
            return int(name.split()[-1])
        style = style.base_style
    return None


def add_table(table, new):
    """A table of the same cells; a cell that covers others is merged anew."""
    made = new.add_table(len(table.rows), len(table.columns), style="Table Grid")
    covers = {}
    for at, row in enumerate(table.rows):
        cells = [None] * row.grid_cols_before + list(row.cells)
        for column, cell in enumerate(cells):
            if cell is not None:
                top, left, _, _ = covers.setdefault(cell._tc, (at, column, at, column))
                covers[cell._tc] = (top, left, at, column)
    for tc, (top, left, bottom, right) in covers.items():
        cell = made.cell(top, left)
        if (top, left) != (bottom, right):
            cell = cell.merge(made.cell(bottom, right))
        for number, line in enumerate(_Cell(tc, table).text.split("\n")):
            add_runs(cell.paragraphs[0] if number == 0 else cell.add_paragraph(), line)


def main(source, target):
    old, new = docx.Document(source), docx.Document()
    for element in old.element.body.iterchildren():
        if element.tag == qn("w:p"):
            paragraph = Paragraph(element, old)
            level = outline_level(paragraph)
            add_runs(new.add_heading("", level) if level else new.add_paragraph(), paragraph.text)
        elif element.tag == qn("w:tbl"):
            add_table(Table(element, old), new)
    new.save(target)


main(*sys.argv[1:])
