"""Checks an import workbook with openpyxl: what a budget system and a clerk rely on.

usage: validate_import.py FILE.xlsx   exit code 0: as promised
"""

import sys

import openpyxl
from openpyxl.utils import range_boundaries

CODED = {"KPI_LV1", "KPI_LV2", "AGENCY_CODE", "PRO_CAT_CODE", "FUND_TYPE_CODE", "IS_GOVPUR", "agency_"}


def problems(book):
    lists = {}
    for sheet in book:
        if sheet.title.startswith("码表-"):
            lists[sheet.title] = [sheet.cell(row, 3).value for row in range(2, sheet.max_row + 1)]
    yield from (f"no {name}" for name in ("填报说明", "导入检查") if name not in book.sheetnames)
    data = [sheet for sheet in book if sheet.title not in ("填报说明", "导入检查") and sheet.title not in lists]
    for sheet in data:
        if sheet.merged_cells.ranges:
            yield f"{sheet.title}: merged cells"
        heads = [str(cell.value) for cell in sheet[1]]
        fields = [head.split("\n")[-1].lstrip("*") for head in heads]
        choices = {}
        for validation in sheet.data_validations.dataValidation:
            if validation.type != "list":
                continue
            name, cells = validation.formula1.split("!")
            name = name.strip("'")
            for area in str(validation.sqref).split():
                column, top, _, bottom = range_boundaries(area)
                choices[column] = set(lists[name])
                if top != 2 or bottom < sheet.max_row:
                    yield f"{sheet.title}.{fields[column - 1]}: drop-down only on {area}"
            last = int(cells.rsplit("$", 1)[1])
            if last != len(lists[name]) + 1:
                yield f"{sheet.title}: {validation.formula1} is not the whole list"
        for number, field in enumerate(fields, 1):
            if field in CODED and number not in choices:
                yield f"{sheet.title}.{field}: no drop-down"
        for row in sheet.iter_rows(min_row=2):
            for cell, field in zip(row, fields):
                if cell.value is None:
                    continue
                if cell.data_type == "f":
                    yield f"{sheet.title}!{cell.coordinate}: a formula"
                if cell.data_type == "s" and cell.number_format != "@":
                    yield f"{sheet.title}!{cell.coordinate}: text in format {cell.number_format}"
                if cell.column in choices and field != "measmt_unit" and cell.value not in choices[cell.column]:
                    yield f"{sheet.title}!{cell.coordinate}: {cell.value} is not in the list"


def main():
    found = list(problems(openpyxl.load_workbook(sys.argv[1])))
    print("\n".join(found[:50]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
