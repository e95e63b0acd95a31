//! Filings pooled into tables: sums, keys, round trip, safety, the same bytes each time.

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use rust_decimal::Decimal;
use yusuan::filing::{Filing, RowKind, amount};
use yusuan::finding::Lang;
use yusuan::form::built_in;
use yusuan::import::schema::{Table, Type, schema};
use yusuan::import::{Datum, Extract, Kind, Options, Pool, csv, extract};

fn extracted(filing: &Filing) -> Extract {
    let forms = built_in::forms();
    let findings = yusuan::check::report(filing, forms, &Default::default());
    extract(filing, &findings, forms, Lang::Zh)
}

fn table(name: &str) -> (usize, &'static Table) {
    let index = schema().index(name).expect("a table");
    (index, &schema().tables[index])
}

fn sum(extract: &Extract, name: &str, column: &str, fund: Option<&str>) -> Decimal {
    let (index, table) = table(name);
    let column = table.column(column).expect("a column");
    extract.rows[index]
        .iter()
        .filter(|row| fund.is_none_or(|form| row.data[table.column("form").expect("a form")].as_str() == Some(form)))
        .map(|row| match &row.data[column] {
            Datum::Decimal(number) => *number,
            Datum::Null => Decimal::ZERO,
            other => panic!("{name}.{column}: {other:?}"),
        })
        .sum()
}

fn pooled(kind: Kind, path: &Path, filings: &[Filing]) -> BTreeMap<String, Vec<u8>> {
    let options = Options { lang: Lang::Zh, force: true, ..Options::default() };
    let mut pool = Pool::create(kind, path, &options).expect("an output");
    for filing in filings {
        pool.add(extracted(filing)).expect("added");
    }
    pool.finish().expect("finished");
    if path.is_file() {
        return BTreeMap::from([(String::new(), std::fs::read(path).expect("a file"))]);
    }
    let files = std::fs::read_dir(path).expect("a folder").map(|entry| entry.expect("an entry").path());
    files
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read(&path).expect("a file"))
        })
        .collect()
}

fn filings() -> Vec<Filing> {
    let mut named = common::example_filings();
    named.extend(common::real_filings("pooled_tables"));
    named.iter().map(|(name, bytes)| common::filing(name, bytes)).collect()
}

fn example(name: &str) -> (String, Vec<u8>) {
    common::example_filings().into_iter().find(|(one, _)| one == name).expect("an example")
}

/// Form, its total row's name, its column, and the table and column that add up to it.
const TOTALS: [(&str, &str, &str, &str, &str); 12] = [
    ("revenue-expenditure-summary", "收入总计", "revenue_amount", "revenue_lines", "amount"),
    ("revenue-expenditure-summary", "支出总计", "expenditure_amount", "expenditure_lines", "amount"),
    ("fiscal-summary", "收入总计", "revenue_amount", "fiscal_revenue_lines", "amount"),
    ("fiscal-summary", "支出总计", "total", "fiscal_expenditure_lines", "total"),
    ("revenue-summary", "合计", "total", "revenue_by_function", "total"),
    ("expenditure-summary", "合计", "total", "expenditure_by_function", "total"),
    ("expenditure-summary", "合计", "basic", "expenditure_by_function", "basic"),
    ("general-expenditure", "合计", "total", "fiscal_expenditure", "total"),
    ("fund-expenditure", "合计", "total", "fiscal_expenditure", "total"),
    ("basic-expenditure", "合计", "total", "basic_expenditure", "total"),
    ("procurement", "合计", "total", "procurement", "total"),
    ("state-assets", "资产总额", "value", "assets", "value"),
];

#[test]
fn tables_add_up_to_the_totals_of_the_filing() {
    let mut compared = 0;
    for filing in filings() {
        let extract = extracted(&filing);
        let wrong: Vec<Option<usize>> = yusuan::check::check(&filing, built_in::forms(), &Default::default())
            .iter()
            .filter(|finding| finding.rule.starts_with("sum-"))
            .map(|finding| finding.table)
            .collect();
        for (form, total, column, into, name) in TOTALS {
            let of_form: Vec<_> = filing.tables().filter(|(_, table)| table.form_id() == form).collect();
            let [(block, table)] = of_form.as_slice() else { continue };
            if wrong.contains(&Some(*block)) {
                continue;
            }
            let printed = (0..table.rows.len()).find(|row| {
                table.rows[*row].cells.iter().any(|cell| cell.text.as_str() == total)
                    && !table.cell(*row, column).is_empty()
            });
            let Some(row) = printed else { continue };
            let unit = table.unit.as_deref().or(filing.unit.as_deref()).expect("a unit");
            let stated = amount::parse(table.cell(row, column)).expect("a total").value
                * amount::yuan_in(unit).expect("a money unit");
            let fund = (into == "fiscal_expenditure").then_some(form);
            let found = sum(&extract, into, name, fund);
            assert_eq!(found.normalize(), stated.normalize(), "{} {form} {column}", filing.source.name);
            compared += 1;
        }
    }
    assert!(compared > 15, "only {compared} totals were compared");
}

#[test]
fn three_public_lines_and_projects_add_up() {
    for filing in filings() {
        let extract = extracted(&filing);
        let budgets: Decimal = filing
            .tables()
            .filter(|(_, table)| table.form_id() == "project-performance")
            .filter_map(|(_, table)| {
                let printed = amount::parse(table.field_text("budget")?.as_str())?.value;
                Some(printed * amount::yuan_in(table.unit.as_deref().or(filing.unit.as_deref())?)?)
            })
            .sum();
        let own_units = filing
            .tables()
            .filter_map(|(_, table)| table.field_text("budget"))
            .any(|text| text.as_str().ends_with(['元', '万']));
        if !own_units {
            assert_eq!(sum(&extract, "projects", "budget", None), budgets.normalize(), "{}", filing.source.name);
        }
        let wrong = yusuan::check::check(&filing, built_in::forms(), &Default::default());
        for (block, table) in filing.tables().filter(|(_, table)| table.form_id() == "three-public") {
            let total = (0..table.rows.len()).find(|row| table.rows[*row].kind == RowKind::Total);
            let Some(total) = total.filter(|_| !wrong.iter().any(|finding| finding.table == Some(block))) else {
                continue;
            };
            let printed = amount::parse(table.cell(total, "total")).map_or(Decimal::ZERO, |amount| amount.value);
            let stated = printed * amount::yuan_in(table.unit.as_deref().expect("a unit")).expect("a money unit");
            assert_eq!(sum(&extract, "three_public", "total", None), stated.normalize(), "{}", filing.source.name);
        }
    }
}

/// RFC 4180, strictly.
fn parse_csv(bytes: &[u8]) -> Vec<Vec<String>> {
    let text = std::str::from_utf8(bytes).expect("UTF-8").strip_prefix(csv::BOM).expect("a byte order mark");
    let mut rows = Vec::new();
    let mut row = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let mut field = String::new();
        if let Some(mut quoted) = rest.strip_prefix('"') {
            loop {
                let end = quoted.find('"').expect("a closing quote");
                field.push_str(&quoted[..end]);
                quoted = &quoted[end + 1..];
                match quoted.strip_prefix('"') {
                    Some(more) => {
                        field.push('"');
                        quoted = more;
                    }
                    None => break,
                }
            }
            rest = quoted;
        } else {
            let end = rest.find([',', '\r']).expect("an end");
            field.push_str(&rest[..end]);
            rest = &rest[end..];
        }
        row.push(field);
        if let Some(next) = rest.strip_prefix(',') {
            rest = next;
        } else {
            rest = rest.strip_prefix("\r\n").expect("a line end");
            rows.push(std::mem::take(&mut row));
        }
    }
    rows
}

#[test]
fn csv_reads_back_as_it_was_extracted() {
    let folder = tempfile::tempdir().expect("a folder");
    for filing in filings() {
        let extract = extracted(&filing);
        let files = pooled(Kind::Tables, &folder.path().join("out"), std::slice::from_ref(&filing));
        for (table, rows) in schema().tables.iter().zip(&extract.rows) {
            let read = parse_csv(&files[&format!("{}.csv", table.name)]);
            let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
            assert_eq!(read[0], names);
            assert_eq!(read.len() - 1, rows.len(), "{}", table.name);
            for (read, row) in read[1..].iter().zip(rows) {
                for ((read, datum), column) in read.iter().zip(&row.data).zip(&table.columns) {
                    let text = if column.kind == Type::Text { csv::restore(read) } else { read };
                    assert_eq!(text, datum.print(), "{}.{}", table.name, column.name);
                }
            }
        }
    }
}

#[test]
fn the_same_filings_give_the_same_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let filings = filings();
    for kind in Kind::ALL {
        let once = pooled(kind, &folder.path().join("once"), &filings);
        let again = pooled(kind, &folder.path().join("again"), &filings);
        assert!(once == again, "{} differs", kind.name());
        for name in ["once", "again"] {
            let path = folder.path().join(name);
            if path.is_file() { std::fs::remove_file(path) } else { std::fs::remove_dir_all(path) }.expect("removed");
        }
    }
}

fn keys(extract: &Extract, name: &str) -> Vec<String> {
    extract.rows[table(name).0].iter().map(|row| row.data[0].print().into_owned()).collect()
}

#[test]
fn keys_do_not_depend_on_layout_or_on_amounts() {
    let (_, bytes) = example("2021-cell-a-line.txt");
    let first = extracted(&common::filing("a.txt", &bytes));
    let (_, other) = example("2021-row-a-line.txt");
    let second = extracted(&common::filing("b.txt", &other));
    for table in ["filings", "institutions", "projects", "indicators", "assets"] {
        assert_eq!(keys(&first, table), keys(&second, table), "{table}");
    }
    let text = String::from_utf8(bytes).expect("UTF-8");
    let budget = first.rows[table("projects").0][0].data[table("projects").1.column("budget_filed").expect("a column")]
        .print()
        .into_owned();
    let edited = extracted(&common::filing("a.txt", text.replace(&budget, "999.99").as_bytes()));
    for table in &schema().tables {
        if table.name != "findings" {
            assert_eq!(keys(&first, &table.name), keys(&edited, &table.name), "{}", table.name);
        }
    }
}

#[test]
fn keys_join_the_tables_and_are_unique() {
    for filing in filings() {
        let extract = extracted(&filing);
        for (index, table) in schema().tables.iter().enumerate() {
            let own = keys(&extract, &table.name);
            let unique: std::collections::BTreeSet<&String> = own.iter().collect();
            assert_eq!(unique.len(), own.len(), "{} of {}", table.name, filing.source.name);
            for (position, column) in table.columns.iter().enumerate() {
                let Some(other) = &column.refers else { continue };
                let known = keys(&extract, other);
                for row in &extract.rows[index] {
                    let key = row.data[position].print();
                    assert!(key.is_empty() || known.iter().any(|one| *one == key), "{}: {key}", table.name);
                }
            }
        }
    }
}

#[test]
fn a_filing_twice_in_a_run_keeps_its_keys_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, bytes) = example("2021-cell-a-line.txt");
    let mut pool = Pool::create(Kind::Tables, &folder.path().join("out"), &Options::default()).expect("an output");
    assert!(pool.add(extracted(&common::filing("a.txt", &bytes))).expect("added").is_empty());
    let second = pool.add(extracted(&common::filing("b.txt", &bytes))).expect("added");
    assert_eq!(second.iter().map(|finding| finding.rule).collect::<Vec<_>>(), ["import-filing-twice"]);
    pool.add(extracted(&common::filing("b.txt", &bytes))).expect("added");
    let summary = pool.finish().expect("finished");
    assert_eq!(summary.filings, 3);
    let read = |name: &str| parse_csv(&std::fs::read(folder.path().join("out").join(name)).expect("a file"));
    let filings: Vec<String> = read("filings.csv")[1..].iter().map(|row| row[0].clone()).collect();
    assert_eq!(filings[0], "2021-407");
    assert!(filings[1].starts_with("2021-407~") && filings[2] == format!("{}.2", filings[1]));
    let projects = read("projects.csv");
    let ids: std::collections::BTreeSet<&String> = projects[1..].iter().map(|row| &row[0]).collect();
    assert_eq!(ids.len(), projects.len() - 1);
    assert!(projects[1..].iter().all(|row| row[0].starts_with(&row[1])));
}

#[test]
fn text_that_looks_like_a_formula_is_made_safe() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, bytes) = example("2021-cell-a-line.txt");
    let text = String::from_utf8(bytes).expect("UTF-8");
    let name = extracted(&common::filing("a.txt", text.as_bytes())).rows[table("projects").0][0].data
        [table("projects").1.column("purpose").expect("a column")]
    .print()
    .into_owned();
    assert!(!name.is_empty());
    let hostile = text.replace(&name, "=HYPERLINK(\"http://x\",\"点\")");
    let filing = common::filing("a.txt", hostile.as_bytes());
    let files = pooled(Kind::Tables, &folder.path().join("out"), &[filing]);
    let projects = String::from_utf8(files["projects.csv"].clone()).expect("UTF-8");
    assert!(projects.contains("\"'=HYPERLINK(\"\"http://x\"\",\"\"点\"\")\""));
}

#[test]
fn an_amount_that_cannot_be_read_keeps_its_text_and_is_reported() {
    let (_, bytes) = example("2021-cell-a-line.txt");
    let text = String::from_utf8(bytes).expect("UTF-8");
    let (index, projects) = table("projects");
    let column = projects.column("budget").expect("a column");
    let before = extracted(&common::filing("a.txt", text.as_bytes()));
    let printed = before.rows[index][0].data[column + 1].print().into_owned();
    let line = |with: &str| text.replacen(&format!("\t{printed}\n"), &format!("\t{with}\n"), 1);
    let row = |text: String| {
        let extract = extracted(&common::filing("a.txt", text.as_bytes()));
        let found = extract.findings.iter().any(|finding| finding.rule == "import-no-number");
        let row = extract.rows[index][0].data.clone();
        (row[column].clone(), row[column + 1].print().into_owned(), found)
    };
    let number = |text: &str| Datum::Decimal(text.parse().expect("a number"));
    assert_eq!(row(line("8.00万元")), (number("80000"), "8.00万元".to_owned(), false));
    assert_eq!(row(line("约8.00")), (Datum::Null, "约8.00".to_owned(), true));
    assert_eq!(row(line("0.00000000001")), (Datum::Null, "0.00000000001".to_owned(), true));
}

#[test]
fn an_output_that_exists_is_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    for kind in Kind::ALL {
        let path = folder.path().join(kind.name());
        pooled(kind, &path, &[]);
        let again = Pool::create(kind, &path, &Options::default());
        assert!(again.is_err_and(|error| error.en.contains("exists")), "{}", kind.name());
    }
}

#[cfg(feature = "sqlite")]
#[test]
fn sqlite_holds_the_same_numbers_and_joins() {
    use rusqlite::{Connection, OpenFlags};

    let folder = tempfile::tempdir().expect("a folder");
    let filings = filings();
    let path = folder.path().join("season.sqlite");
    pooled(Kind::Sqlite, &path, &filings);
    let db = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("a database");
    let one = |sql: &str| db.query_row(sql, [], |row| row.get::<_, String>(0)).expect("a row");
    assert_eq!(one("PRAGMA integrity_check"), "ok");
    assert_eq!(one("SELECT CAST(count(*) AS TEXT) FROM pragma_foreign_key_check"), "0");
    for (name, column) in
        [("projects", "budget"), ("procurement", "total"), ("indicators", "number"), ("assets", "value")]
    {
        let expected: Decimal = filings.iter().map(|filing| sum(&extracted(filing), name, column, None)).sum();
        let mut query =
            db.prepare(&format!("SELECT CAST({column} AS TEXT) FROM {name} WHERE {column} IS NOT NULL")).expect("SQL");
        let found: Decimal = query
            .query_map([], |row| row.get::<_, String>(0))
            .expect("rows")
            .map(|text| text.expect("a text").parse::<Decimal>().expect("a number"))
            .sum();
        assert_eq!(found.normalize(), expected.normalize(), "{name}.{column}");
    }
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_holds_the_same_rows() {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;

    let folder = tempfile::tempdir().expect("a folder");
    let filings = filings();
    let path = folder.path().join("season");
    pooled(Kind::Parquet, &path, &filings);
    let extracts: Vec<Extract> = filings.iter().map(extracted).collect();
    for (index, table) in schema().tables.iter().enumerate() {
        let file = std::fs::File::open(path.join(format!("{}.parquet", table.name))).expect("a file");
        let reader = SerializedFileReader::new(file).expect("Parquet");
        let expected = extracts.iter().flat_map(|extract| &extract.rows[index]);
        let mut count = 0;
        for (read, row) in reader.get_row_iter(None).expect("rows").zip(expected) {
            count += 1;
            let read = read.expect("a row");
            // Keys of filings that are in the run twice differ.
            for (((name, field), datum), column) in read.get_column_iter().zip(&row.data).zip(&table.columns) {
                assert_eq!(name, &column.name);
                match (field, datum) {
                    (Field::Null, Datum::Null) => {}
                    (Field::Str(text), Datum::Text(expected)) => {
                        assert!(text == expected || text.contains('~'), "{}.{name}: {text}", table.name);
                    }
                    (Field::Long(number), Datum::Integer(expected)) => assert_eq!(number, expected),
                    (Field::Bool(flag), Datum::Flag(expected)) => assert_eq!(flag, expected),
                    (Field::Decimal(decimal), Datum::Decimal(expected)) => {
                        let unscaled = decimal
                            .data()
                            .iter()
                            .fold(if decimal.data()[0] >= 0x80 { -1_i128 } else { 0 }, |value, byte| {
                                (value << 8) | i128::from(*byte)
                            });
                        let scale = u32::try_from(decimal.scale()).expect("a scale");
                        assert_eq!(Decimal::from_i128_with_scale(unscaled, scale).normalize(), *expected);
                    }
                    (field, datum) => panic!("{}.{name}: {field:?} for {datum:?}", table.name),
                }
            }
        }
        assert_eq!(count, extracts.iter().map(|extract| extract.rows[index].len()).sum::<usize>(), "{}", table.name);
    }
}

/// The `frictionless` package is the independent judge of the description; CI has it.
#[test]
fn the_package_is_valid_for_frictionless() {
    let python = |arguments: &[&str]| std::process::Command::new("python3").args(arguments).output();
    if !python(&["-c", "import frictionless"]).is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED the_package_is_valid_for_frictionless: no python3 with frictionless");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("season");
    pooled(Kind::Tables, &path, &filings());
    let path = path.to_string_lossy().into_owned();
    let output = python(&["tests/pooled/validate_package.py", &path]).expect("python3 runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
