//! The import workbook of the integrated budget system: its columns, codes, checks and promises.

mod common;

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use calamine::{Data, Reader, Xlsx, open_workbook};
use yusuan::filing::Filing;
use yusuan::finding::{Finding, Lang};
use yusuan::form::built_in;
use yusuan::import::mof::mapping::{self, Mapping};
use yusuan::import::{Kind, Options, Pool, Summary, extract};

type Sheets = BTreeMap<String, Vec<Vec<Data>>>;

fn written(path: &Path, filings: &[Filing], options: &Options) -> (Summary, Vec<Finding>) {
    let forms = built_in::forms();
    let mut pool = Pool::create(Kind::Mof, path, options).expect("an output");
    let mut found = Vec::new();
    for filing in filings {
        found.extend(pool.add(extract(filing, &[], forms, Lang::Zh)).expect("added"));
    }
    (pool.finish().expect("finished"), found)
}

fn read(path: &Path) -> Sheets {
    let mut book: Xlsx<_> = open_workbook(path).expect("a workbook");
    let names = book.sheet_names();
    names
        .into_iter()
        .map(|name| {
            let range = book.worksheet_range(&name).expect("a sheet");
            (name, range.rows().map(<[Data]>::to_vec).collect())
        })
        .collect()
}

fn import(names: &[&str], options: &Options) -> (Sheets, Summary, Vec<Finding>) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("导入.xlsx");
    let (summary, found) = written(&path, &examples(names), options);
    (read(&path), summary, found)
}

fn examples(names: &[&str]) -> Vec<Filing> {
    let all = common::example_filings();
    let bytes = |name: &&str| &all.iter().find(|(one, _)| one == name).expect("an example").1;
    names.iter().map(|name| common::filing(name, bytes(name))).collect()
}

/// The values of a field, row by row.
fn field<'s>(sheets: &'s Sheets, sheet: &str, field: &str) -> Vec<&'s Data> {
    let rows = &sheets[sheet];
    let column = rows[0].iter().position(|head| head.to_string().rsplit('\n').next() == Some(field));
    let column = column.unwrap_or_else(|| panic!("{sheet}.{field}"));
    rows[1..].iter().map(|row| &row[column]).collect()
}

fn texts(sheets: &Sheets, sheet: &str, name: &str) -> Vec<String> {
    field(sheets, sheet, name).into_iter().map(ToString::to_string).collect()
}

#[test]
fn every_field_of_the_mapping_has_its_column() {
    let (sheets, ..) = import(&["2021-cell-a-line.txt", "2023-nine-tables.txt"], &Options::default());
    for sheet in &mapping::built_in().sheets {
        let heads: Vec<String> = sheets[&sheet.name][0].iter().map(ToString::to_string).collect();
        let expected = sheet.columns.iter().map(|column| {
            let star = if column.required { "*" } else { "" };
            match column.label.as_str() {
                "" => format!("{star}{}", column.field),
                label => format!("{star}{label}\n{}", column.field),
            }
        });
        assert_eq!(heads, expected.collect::<Vec<_>>(), "{}", sheet.name);
    }
}

/// The field dictionary that the mapping was made from is no part of the project.
#[test]
fn the_mapping_agrees_with_the_field_dictionary() {
    let path = std::env::var("YUSUAN_FIELDS").unwrap_or_else(|_| "../shared/reference/mof-fields.csv".to_owned());
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("SKIPPED the_mapping_agrees_with_the_field_dictionary: no {path} (set YUSUAN_FIELDS)");
        return;
    };
    let rows: Vec<Vec<&str>> = text.lines().skip(1).map(|line| line.splitn(5, ',').collect()).collect();
    for sheet in &mapping::built_in().sheets {
        let of_table: Vec<&Vec<&str>> = rows.iter().filter(|row| row[0] == sheet.name).collect();
        if of_table.is_empty() {
            assert!(!sheet.name.is_ascii(), "{} is no table of the dictionary", sheet.name);
            continue;
        }
        for row in of_table {
            for name in row[2].split(" / ") {
                let column = sheet.columns.iter().find(|column| column.field == name);
                let column = column.unwrap_or_else(|| panic!("{}.{name} is missing", sheet.name));
                let rest = row[3..].join(",");
                let required = rest.contains("required;")
                    || rest.contains("required (")
                    || rest.contains("required, ")
                    || rest.contains("key column");
                assert_eq!(column.required, required && !rest.contains("nullable"), "{}.{name}", sheet.name);
                let kind = column.printed_type.as_str();
                assert!(kind.is_empty() || rest.contains(kind), "{}.{name}: {kind} and {rest}", sheet.name);
            }
        }
    }
}

#[test]
fn targets_are_taken_apart_and_kept() {
    let (sheets, ..) = import(&["2021-cell-a-line.txt"], &Options::default());
    let column = |name: &str| texts(&sheets, "PM_PERF_INDICATOR", name);
    let values = column("KPI_VAL");
    let row = |value: &str| values.iter().position(|one| one == value).expect("a value");
    let parts = |value: &str| {
        let row = row(value);
        [column("COMPUTESIGN")[row].clone(), column("INDEXVAL")[row].clone(), column("METERUNIT")[row].clone()]
    };
    assert_eq!(parts("≥2000亩"), ["≥", "2000", "亩"]);
    assert_eq!(parts("≥70%"), ["≥", "70", "%"]);
    // No sign is printed, and there is no number that one could stand before.
    assert_eq!(parts("2021年7月底前"), ["", "", ""]);
    assert_eq!(column("KPI_LV2")[row("≥2000亩")], "11-数量指标");
    assert_eq!(column("LV2_PERF_IND_NAME")[row("≥2000亩")], "数量指标");
}

#[test]
fn codes_are_text_and_amounts_are_numbers_of_yuan() {
    let (sheets, ..) = import(&["2021-cell-a-line.txt", "2023-nine-tables.txt"], &Options::default());
    for (sheet, name) in [
        ("PM_PROJECT_INFO", "PRO_CODE"),
        ("PM_PROJECT_INFO", "DEPT_CODE"),
        ("PM_PERF_GOAL_INFO", "FISCAL_YEAR"),
        ("BGT_PM_ANNUAL", "DEP_BGT_ECO_CODE"),
        ("BAS_AGENCY_INFO", "PARENT_ID"),
    ] {
        let values = field(&sheets, sheet, name);
        assert!(values.iter().all(|value| matches!(value, Data::String(_) | Data::Empty)), "{sheet}.{name}");
        assert!(values.iter().any(|value| matches!(value, Data::String(_))), "{sheet}.{name}");
    }
    let budgets = field(&sheets, "BGT_PM_ANNUAL", "REPLY_AMT");
    assert_eq!(*budgets[0], Data::Float(460_000.0));
    let wan = format!(
        "money_unit = \"万元\"{}",
        include_str!("../templates/import/mof.toml").replace("money_unit = \"元\"", "")
    );
    let options = Options { mapping: Some(Mapping::parse(&wan).expect("a mapping")), ..Options::default() };
    let (sheets, ..) = import(&["2021-cell-a-line.txt"], &options);
    assert_eq!(*field(&sheets, "BGT_PM_ANNUAL", "REPLY_AMT")[0], Data::Float(46.0));
}

#[test]
fn annual_amounts_are_those_of_the_filing() {
    let filings = examples(&["2023-nine-tables.txt"]);
    let table = filings[0].tables().find(|(_, table)| table.form_id() == "basic-expenditure").expect("a table").1;
    let stated: f64 = table.cell(0, "total").parse().expect("a total");
    let (sheets, ..) = import(&["2023-nine-tables.txt"], &Options::default());
    let kinds = texts(&sheets, "BGT_PM_ANNUAL", "PRO_KIND_CODE");
    let amounts = field(&sheets, "BGT_PM_ANNUAL", "REPLY_AMT");
    let sum: f64 = kinds
        .iter()
        .zip(&amounts)
        .filter(|(kind, _)| !kind.is_empty())
        .map(|(_, amount)| match amount {
            Data::Float(number) => *number,
            other => panic!("{other:?}"),
        })
        .sum();
    assert!((sum - stated * 10_000.0).abs() < 0.005, "{sum} for {stated}");
}

#[test]
fn what_a_filing_lacks_is_empty_and_asked_for_once() {
    let names = ["2021-cell-a-line.txt"];
    let (sheets, summary, _) = import(&names, &Options::default());
    let missing: Vec<&str> = summary.missing.iter().map(|(field, _)| field.as_str()).collect();
    assert!(missing.contains(&"MOF_DIV_CODE"));
    for name in ["MOF_DIV_CODE", "PRO_CAT_CODE", "PRO_ID", "SETUP_YEAR"] {
        assert!(texts(&sheets, "PM_PROJECT_INFO", name).iter().all(String::is_empty), "{name}");
    }
    let set = [("MOF_DIV_CODE", "139907000"), ("PM_PROJECT_INFO.PRO_CAT_CODE", "3"), ("VERSION", "1")];
    let set = set.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect();
    let (sheets, summary, _) = import(&names, &Options { set, ..Options::default() });
    assert!(summary.missing.iter().all(|(field, _)| field != "MOF_DIV_CODE"));
    for sheet in ["PM_PROJECT_INFO", "PM_PERF_GOAL_INFO", "PM_PERF_INDICATOR", "BAS_AGENCY_INFO", "BGT_PM_ANNUAL"] {
        assert!(texts(&sheets, sheet, "MOF_DIV_CODE").iter().all(|value| value == "139907000"), "{sheet}");
    }
    assert!(texts(&sheets, "PM_PROJECT_INFO", "PRO_CAT_CODE").iter().all(|value| value == "3-特定目标类"));
    assert!(texts(&sheets, "PM_PERF_INDICATOR", "VERSION").iter().all(|value| value == "1"));
}

#[test]
fn a_value_for_an_unknown_field_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let set = BTreeMap::from([("MOF_DIV".to_owned(), "1".to_owned())]);
    let options = Options { set, ..Options::default() };
    let error = Pool::create(Kind::Mof, &folder.path().join("a.xlsx"), &options).expect_err("refused");
    assert!(error.en.contains("no 'MOF_DIV'") && error.en.contains("MOF_DIV_CODE"), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

#[test]
fn a_value_too_long_is_reported_and_not_cut() {
    let name = "退化草原补播修复项目";
    let long = format!("{name}{}", "与古树名木保护".repeat(10));
    let bytes = common::example_filings().into_iter().find(|(one, _)| one == "2021-cell-a-line.txt").expect("one").1;
    let text = String::from_utf8(bytes).expect("UTF-8").replace(name, &long);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.xlsx");
    let (_, found) = written(&path, &[common::filing("a.txt", text.as_bytes())], &Options::default());
    let found: Vec<&Finding> = found.iter().filter(|finding| finding.rule == "import-too-long").collect();
    assert!(found.iter().any(|finding| finding.en.starts_with("PM_PROJECT_INFO.PRO_NAME has 240 bytes")), "{found:?}");
    let sheets = read(&path);
    assert_eq!(texts(&sheets, "PM_PROJECT_INFO", "PRO_NAME")[0], long);
    assert!(texts(&sheets, "导入检查", "代码").iter().any(|code| code == "import-too-long"));
}

#[test]
fn units_are_those_of_their_own_filing() {
    // Every county has a department 407.
    let bytes = common::example_filings().into_iter().find(|(one, _)| one == "2021-cell-a-line.txt").expect("one").1;
    let text = String::from_utf8(bytes).expect("UTF-8");
    let other = text.replace("云岭县", "雾山县");
    let filings = [common::filing("a.txt", text.as_bytes()), common::filing("b.txt", other.as_bytes())];
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.xlsx");
    written(&path, &filings, &Options::default());
    let sheets = read(&path);
    for (code, name) in
        texts(&sheets, "PM_PROJECT_INFO", "AGENCY_CODE").iter().zip(texts(&sheets, "PM_PROJECT_INFO", "AGENCY_NAME"))
    {
        assert!(code.ends_with(&name), "{code} for {name}");
    }
    assert_eq!(sheets["码表-单位"].len() - 1, 6);
}

#[test]
fn an_office_completes_the_lists() {
    let own = format!(
        "{}\n[[list]]\nname = \"agency-type\"\ntitle = \"单位类型\"\nentry = [{{ code = \"2\", name = \"事业单位\", alias = [\"事业\"] }}]\n",
        include_str!("../templates/import/mof.toml")
    );
    let options = Options { mapping: Some(Mapping::parse(&own).expect("a mapping")), ..Options::default() };
    let (sheets, _, found) = import(&["2021-cell-a-line.txt"], &options);
    assert!(texts(&sheets, "BAS_AGENCY_INFO", "AGENCY_TYPE_CODE").iter().any(|value| value == "2-事业单位"));
    let about = |finding: &&Finding| finding.en.contains("AGENCY_TYPE_CODE");
    assert_eq!(found.iter().filter(about).count(), 1, "行政 has no code now, and is told once");
}

#[test]
fn data_sheets_have_no_formula_no_merged_cell_and_every_text_as_it_is() {
    let bytes = common::example_filings().into_iter().find(|(one, _)| one == "2021-cell-a-line.txt").expect("one").1;
    let hostile = "=1+1 _x0041_ +x";
    let text = String::from_utf8(bytes).expect("UTF-8").replace("退化草原补播修复项目", hostile);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.xlsx");
    written(&path, &[common::filing("a.txt", text.as_bytes())], &Options::default());
    let mut package = zip::ZipArchive::new(std::fs::File::open(&path).expect("a file")).expect("a package");
    for index in 0..package.len() {
        let mut part = package.by_index(index).expect("a part");
        let name = part.name().expect("a name").into_owned();
        if !name.starts_with("xl/worksheets/sheet") {
            continue;
        }
        let mut xml = String::new();
        part.read_to_string(&mut xml).expect("UTF-8");
        assert!(!xml.contains("<f>") && !xml.contains("<mergeCell"), "{name}");
        assert!(!xml.contains("_x0041_") || xml.contains("_x005F_x0041_"), "{name}");
    }
    assert!(texts(&read(&path), "PM_PROJECT_INFO", "PRO_NAME")[0].starts_with("=1+1"));
}

/// openpyxl is the independent reader: drop-downs, formats, and the sheets as a person sees them.
#[test]
fn openpyxl_sees_drop_downs_and_text_formats() {
    let python = |arguments: &[&str]| std::process::Command::new("python3").args(arguments).output();
    if !python(&["-c", "import openpyxl"]).is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED openpyxl_sees_drop_downs_and_text_formats: no python3 with openpyxl");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.xlsx");
    let filings: Vec<Filing> = common::example_filings()
        .iter()
        .chain(&common::real_filings("openpyxl_sees_drop_downs_and_text_formats"))
        .map(|(name, bytes)| common::filing(name, bytes))
        .collect();
    written(&path, &filings, &Options::default());
    let path = path.to_string_lossy().into_owned();
    let output = python(&["tests/pooled/validate_import.py", &path]).expect("python3 runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
