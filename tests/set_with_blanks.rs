//! Tables set with blanks, as `pdftotext -layout` prints them: read where every number stands clearly
//! under one head, else kept as text.

mod common;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use yusuan::filing::{Block, Filing, Table};
use yusuan::form::built_in;
use yusuan::limits::Limits;
use yusuan::patch::{Options, apply_filing};

fn read(text: &str) -> Filing {
    common::filing("a.txt", text.as_bytes())
}

fn tables(filing: &Filing) -> Vec<&Table> {
    filing.tables().map(|(_, table)| table).collect()
}

fn rows(table: &Table) -> Vec<String> {
    let row = |row: &yusuan::filing::Row| row.cells.iter().map(|cell| cell.text.as_str()).collect::<Vec<_>>().join("|");
    table.rows.iter().map(row).collect()
}

fn has(filing: &Filing, rule: &str) -> bool {
    filing.findings.iter().any(|finding| finding.rule == rule)
}

const GENERAL: &str = "\
                 2025年部门一般公共预算支出功能分类预算表
编制部门：云岭县林草服务局                                                   单位：万元

                      项目                          一般公共预算支出
功能分类科目编码
                       功能分类科目名称       合计           基本支出          项目支出
类     款    项

213             农林水支出              300.00       200.00        100.00
213   02        林业和草原              300.00       200.00        100.00

213   02   04   事业机构               200.00       200.00
213   02   05   森林资源培育             100.00                     100.00
                    合计             300.00       200.00        100.00
";

#[test]
fn labels_are_wrapped_and_centred() {
    let filing = read(GENERAL);
    let [table] = tables(&filing)[..] else { panic!("{:?}", filing.findings) };
    assert_eq!(table.form_id(), "general-expenditure");
    assert_eq!(
        rows(table),
        [
            "213|农林水支出|300.00|200.00|100.00",
            "21302|林业和草原|300.00|200.00|100.00",
            "2130204|事业机构|200.00|200.00|",
            "2130205|森林资源培育|100.00||100.00",
            "|合计|300.00|200.00|100.00",
        ]
    );
    assert!(has(&filing, "columns-by-blanks"));
}

#[test]
fn columns_as_a_terminal_shows_them() {
    let text = "\
                    部门支出总表

科目编码    科目名称         合计      基本支出    项目支出
213         农林水支出       300.00    200.00      100.00
21302       林业和草原       300.00    200.00      100.00
2130204     事业机构         200.00    200.00
2130205     森林资源培育     100.00                100.00
";
    let filing = read(text);
    let [table] = tables(&filing)[..] else { panic!("{:?}", filing.findings) };
    assert_eq!(rows(table)[2..], ["2130204|事业机构|200.00|200.00|", "2130205|森林资源培育|100.00||100.00"]);
}

#[test]
fn another_page_goes_on_without_a_header() {
    let (first, second) = GENERAL.split_at(GENERAL.find("213   02   05").expect("a row"));
    // Each page is set by itself.
    let moved: String = second.lines().map(|line| format!("{}\n", line.replacen("    ", " ", 1))).collect();
    let filing = read(&format!("{first}\u{c}{moved}"));
    let whole = read(GENERAL);
    let ([table], [expected]) = (&tables(&filing)[..], &tables(&whole)[..]) else { panic!("{:?}", filing.findings) };
    assert_eq!(rows(table), rows(expected));
}

/// Half of a table would be a table whose sums do not hold.
#[test]
fn a_page_that_cannot_be_told_leaves_the_whole_table_text() {
    let (first, second) = GENERAL.split_at(GENERAL.find("213   02   05").expect("a row"));
    let wrapped = second.replacen("森林资源培育  ", "森林资源    ", 1).replacen('\n', "\n               培育\n", 1);
    let pages = [
        // A row of two lines; the rest of a name that the page before begins; a total that is none.
        wrapped.clone(),
        format!("               管理\n{second}"),
        second.replacen("100.00 ", "170.00 ", 1),
        // No amount in the first row of the page, nor one of its own.
        format!("213   02   06   其中：管理\n{wrapped}"),
        format!("213   02   06   森林管理\n{wrapped}"),
    ];
    for page in pages {
        let filing = read(&format!("{first}\u{c}{page}"));
        assert!(tables(&filing).is_empty(), "{page}{:?}", rows(tables(&filing)[0]));
        assert!(has(&filing, "rows-as-text"), "{page}");
    }
    // An amount whose row is not known, between rows.
    let filing = read(&GENERAL.replacen("\n213   02   04", "\n                  50.00\n213   02   04", 1));
    assert!(tables(&filing).is_empty(), "{:?}", rows(tables(&filing)[0]));
    // What is no row ends the table.
    for page in [
        "第二部分  部门预算说明\n\n2025年部门预算安排如下。\n",
        "部门收入总表\n\n编制部门：云岭县林草服务局   单位：万元\n",
    ] {
        let filing = read(&format!("{first}\u{c}{page}"));
        assert_eq!(tables(&filing).first().map(|table| table.rows.len()), Some(3), "{page}");
    }
}

#[test]
fn a_page_with_a_header_of_its_own_that_cannot_be_told_leaves_all_pages_text() {
    let begin = GENERAL.find("213             农").expect("the first row");
    let (head, rows_of_one) = GENERAL.split_at(begin);
    let labels = &head[head.find("                      项目").expect("the header")..];
    // An amount between two columns.
    let torn = rows_of_one
        .replace("200.00       100.00", "200.00 100.00       ")
        .replace("100.00                     100.00", "100.00              100.00       ");
    let count = |text: &str| tables(&read(text)).len();
    assert_eq!((count(GENERAL), count(&format!("{head}{torn}"))), (1, 0));
    let continued = head.replace("预算表", "预算表（续表）");
    for again in [head, labels, &continued] {
        assert!(count(&format!("{GENERAL}\u{c}{again}{rows_of_one}")) > 0, "{again}");
        assert_eq!(count(&format!("{GENERAL}\u{c}{again}{torn}")), 0, "{again}");
        assert_eq!(count(&format!("{head}{torn}\u{c}{again}{rows_of_one}")), 0, "{again}");
        assert_eq!(count(&format!("{head}{torn}{again}{rows_of_one}")), 0, "{again}");
    }
    // The table of another department is another table.
    let other = head.replace("云岭县林草服务局", "云岭县水务局    ");
    assert_eq!(count(&format!("{head}{torn}\u{c}{other}{rows_of_one}")), 1);
}

#[test]
fn a_name_is_wrapped_around_its_numbers() {
    let row = "213   02   05   森林资源培育             100.00                     100.00\n";
    let wrapped = "                森林资源
213   02   05                      100.00                     100.00
                培育
";
    let filing = read(&GENERAL.replace(row, wrapped));
    let [table] = tables(&filing)[..] else { panic!("{:?}", filing.findings) };
    assert_eq!(rows(table)[3], "2130205|森林资源培育|100.00||100.00");
}

#[test]
fn numbers_between_two_heads_stay_text() {
    let text = |end: usize| {
        let mut text =
            "部门支出总表\n\n科目编码    科目名称            合计       基本支出       项目支出\n".to_owned();
        for (code, name) in NAMES {
            let row = format!("{code:<12}{name}");
            let row = format!("{row}{:>1$}", "300.00", 38 - row.chars().count());
            text.push_str(&format!("{row}{:>1$}\n", "300.00", end - row.chars().count()));
        }
        text
    };
    let read_as = |end: usize| tables(&read(&text(end))).first().map(|table| rows(table)[0].clone());
    let found: Vec<Option<String>> = (44..70).map(read_as).collect();
    let under = |column: usize| {
        let is_under =
            |row: &&Option<String>| row.as_ref().is_some_and(|row| row.split('|').nth(column) == Some("300.00"));
        found.iter().filter(is_under).count()
    };
    assert!(under(3) > 0 && under(4) > 0, "{found:?}");
    assert!((44..70).any(|end| read_as(end).is_none() && has(&read(&text(end)), "rows-as-text")), "{found:?}");
}

#[test]
fn cells_of_several_lines_stay_text() {
    let text = "\
                       部门机构设置情况
     单位名称          单位性质    单位规格    经费保障形式
 云岭县林草服务局本     行政        正科级      财政拨款
 级
 云岭县苗圃             事业        副科级      财政性资金
                                                基本保证
";
    let filing = read(text);
    assert!(tables(&filing).is_empty(), "{:?}", tables(&filing).iter().map(|table| rows(table)).collect::<Vec<_>>());
    let kept: String = filing.blocks.iter().filter_map(|block| block.prose()).map(|text| text.as_str()).collect();
    assert!(kept.contains("云岭县苗圃") && kept.contains("基本保证"));
}

const BALANCE: &str = "\
部门收支总表

序号  项目          预算数    项目              预算数
1     一、一般公共    612.48    一、农林水支出    600.00
2     二、事业收入     35.00    二、其他支出       47.48
3     收入总计        647.48    支出总计          647.48
";

const BASIC: &str = "\
部门一般公共预算财政拨款基本支出表
编制部门：云岭县林草服务局                       单位：万元
序号       支出部门经济分类科目        一般公共预算基本支出
         科目编码        科目名称  合计        人员经费      公用经费
1                合计    847.55   833.45   14.10
2      301      工资福利支  793.28   793.28
                出
3       30101   基本工资   482.07   482.07
4       30112   其他社会保  190.69   190.69
                障和生活补
                贴缴费
5       30113   住房公积金  120.52   120.52
6       302     商品和服务  14.10             14.10
                支出
7       30231   公务用车运  14.10             14.10
                行维护费
8       30302   退休费    40.17    40.17
";

#[test]
fn names_go_on_below_where_the_column_is_full() {
    let filing = read(BASIC);
    let [table] = tables(&filing)[..] else { panic!("{:?}", filing.findings) };
    assert_eq!(
        rows(table),
        [
            "1||合计|847.55|833.45|14.10",
            "2|301|工资福利支出|793.28|793.28|",
            "3|30101|基本工资|482.07|482.07|",
            "4|30112|其他社会保障和生活补贴缴费|190.69|190.69|",
            "5|30113|住房公积金|120.52|120.52|",
            "6|302|商品和服务支出|14.10||14.10",
            "7|30231|公务用车运行维护费|14.10||14.10",
            "8|30302|退休费|40.17|40.17|",
        ]
    );
    // What fills the column too can be no part of an item below it.
    for rest in ["预算收入", "预算拨款收入"] {
        let wrapped = read(&BALANCE.replace("2     二", &format!("      {rest}\n2     二")));
        let [table] = tables(&wrapped)[..] else { panic!("{:?}", wrapped.findings) };
        assert!(rows(table)[0].contains(&format!("一、一般公共{rest}|612.48")), "{:?}", rows(table));
    }
}

#[test]
fn names_that_may_be_of_two_rows_leave_the_table_text() {
    let unread = |text: String| {
        let filing = read(&text);
        assert!(tables(&filing).is_empty(), "{text}{:?}", rows(tables(&filing)[0]));
        assert!(has(&filing, "rows-as-text"), "{text}");
    };
    // The name above has room left; what is below is as wide as the column, and may begin the next name;
    // a line stands apart; it is an item of its own.
    unread(BASIC.replace("482.07   482.07\n", "482.07   482.07\n                和津贴\n"));
    unread(BASIC.replace("                障和生活补\n                贴缴费\n", "                障和生活补\n"));
    unread(BASIC.replace("                支出\n", "\n                支出\n"));
    unread(BASIC.replace("                支出\n", "                其中：水\n"));
    // The last line of all stands on the next page.
    unread(BASIC.replace(
        "                行维护费\n8       30302   退休费    40.17    40.17\n",
        "\u{c}                行维护费\n第二部分  说明\n",
    ));
    // Names set in the middle of their cells: the first line of a name is above its number.
    unread(BASIC.replace("5       30113   住房公积金  1", "                住房公积金\n5       30113   和其他补贴  1"));
    let unnumbered = |text: &str| -> String {
        let text = text.replacen("序号", "    ", 1).replacen("部门", "      部门", 1);
        text.lines().map(|line| format!("{}\n", line.get(6..).unwrap_or(line))).collect()
    };
    // Without numbers the names say where they begin.
    assert_eq!(tables(&read(&unnumbered(BALANCE))).len(), 1);
    let wrapped = BALANCE.replace("2     二", "      预算收入\n2     二");
    assert!(tables(&read(&unnumbered(&wrapped))).is_empty());
}

#[test]
fn a_printed_filing_has_the_tables_of_its_text() {
    let read = |name: &str| common::filing(name, &std::fs::read(format!("examples/filings/{name}")).expect("bundled"));
    let (printed, text) = (read("layout-2023.txt"), read("2023-nine-tables.txt"));
    // The others have cells of several lines.
    let has_lines =
        |table: &&Table| ["activity-performance", "project-performance", "procurement"].contains(&table.form_id());
    let expected: Vec<&Table> = tables(&text).into_iter().filter(|table| !has_lines(table)).collect();
    let found = tables(&printed);
    assert_eq!(found.len(), 11);
    for (found, expected) in found.into_iter().zip(expected) {
        assert_eq!((found.form_id(), rows(found)), (expected.form_id(), rows(expected)));
    }
    assert_eq!(printed.department.name, text.department.name);
    assert_eq!((printed.fiscal_year, &printed.unit), (text.fiscal_year, &text.unit));
    let figures = |filing: &Filing| -> Vec<String> {
        filing.figures.iter().map(|figure| format!("{} {}", figure.what, figure.value)).collect()
    };
    assert_eq!(figures(&printed), figures(&text));
}

#[test]
fn prose_with_blanks_in_it_is_no_table() {
    let text = "一、收支情况\n合计    基本支出    项目支出\n300.00万元    其中基本支出200.00万元\n";
    let filing = read(text);
    assert!(tables(&filing).is_empty());
}

#[test]
fn an_edit_leaves_the_columns_where_they_are() {
    let before = read(GENERAL);
    let mut after = before.clone();
    for block in &mut after.blocks {
        if let Block::Table(table) = block {
            table.rows[2].cells[2].text = "11200.00".into();
            table.rows[2].cells[3].text = "11200.00".into();
            table.rows[3].cells[1].text = "培育".into();
        }
    }
    let (forms, limits) = (built_in::forms(), Limits::default());
    let applied = apply_filing(GENERAL.as_bytes(), &before, &after, forms, &limits, &Options::default());
    let applied = String::from_utf8(applied.expect("carried").bytes).expect("a text");
    let lines: Vec<&str> = applied.lines().collect();
    assert_eq!(lines[11], "213   02   04   事业机构             11200.00     11200.00");
    assert_eq!(lines[12], "213   02   05   培育                 100.00                     100.00");
}

#[test]
fn an_edit_of_a_name_of_several_lines_changes_nothing_else() {
    let before = read(BASIC);
    let (forms, limits) = (built_in::forms(), Limits::default());
    let row = "2      301      工资福利支  793.28   793.28\n                出\n";
    for (cell, text, printed) in [
        (3, "813.28", Some("2      301      工资福利支  813.28   793.28\n                出\n")),
        (2, "工资福利支付", Some("2      301      工资福利支  793.28   793.28\n                付\n")),
        (2, "人员经费", Some("2      301      人员经费   793.28   793.28\n                \n")),
        // With room left in its first line it would read as another.
        (2, "工资支出", None),
    ] {
        let mut after = before.clone();
        for block in &mut after.blocks {
            if let Block::Table(table) = block {
                table.rows[1].cells[cell].text = text.into();
            }
        }
        let applied = apply_filing(BASIC.as_bytes(), &before, &after, forms, &limits, &Options::default());
        let applied = applied.ok().map(|applied| String::from_utf8(applied.bytes).expect("a text"));
        assert_eq!(applied, printed.map(|printed| BASIC.replace(row, printed)), "{text}");
    }
}

/// Columns of 收入总表 beside the code and the name.
const INCOME: [&str; 10] = [
    "合计",
    "小计",
    "财政拨款收入",
    "财政专户收入",
    "事业收入",
    "经营收入",
    "上级补助收入",
    "附属单位上缴收入",
    "其他收入",
    "上年结转",
];

const NAMES: [(&str, &str); 5] = [
    ("213", "农林水支出"),
    ("21302", "林业和草原"),
    ("2130204", "事业机构"),
    ("2130205", "森林资源培育"),
    ("2130234", "林业草原防灾减灾"),
];

/// One printed table: widths of the columns, which of them have amounts, the amounts, and how far each
/// text is off its place.
#[derive(Clone, Debug)]
struct Print {
    widths: Vec<usize>,
    filled: Vec<bool>,
    amounts: Vec<Vec<Option<u32>>>,
    off: Vec<i32>,
    /// The row that begins another page, and how far its amounts are moved there.
    page: Option<(usize, i32)>,
    /// Whether 合计 and 小计 are the sums of the others.
    sums: bool,
    /// Whether the columns are numbered under their labels.
    numbered: bool,
    /// How names are set that are longer than their column; else all fit.
    cells: Option<Cells>,
}

/// Cells of several lines.
#[derive(Clone, Copy, Debug)]
struct Cells {
    /// How many characters a line takes.
    room: usize,
    /// The name of the first row, and how much each is longer than the one before.
    length: (usize, usize),
    /// The amounts stand in the middle of the name, else beside its first line.
    middle: bool,
    /// The page begins inside the row.
    inside: bool,
}

fn prints() -> impl Strategy<Value = Print> {
    let widths = proptest::collection::vec(0..12_usize, 12);
    let filled = proptest::collection::vec(any::<bool>(), 10);
    let amount = proptest::option::weighted(0.7, 1..9_999_999_u32);
    let amounts = proptest::collection::vec(proptest::collection::vec(amount, 10), 5);
    let page = proptest::option::of((1..5_usize, -14..=14_i32));
    let off = proptest::collection::vec(-2..=2_i32, 97);
    let cells = (3..7_usize, (1..14_usize, 1..9_usize), any::<bool>(), proptest::bool::weighted(0.2));
    let cells =
        proptest::option::of(cells.prop_map(|(room, length, middle, inside)| Cells { room, length, middle, inside }));
    (widths, filled, amounts, off, page, any::<bool>(), any::<bool>(), cells).prop_map(
        |(widths, filled, amounts, off, page, sums, numbered, cells)| Print {
            widths,
            filled,
            amounts,
            off,
            page,
            sums,
            numbered,
            cells,
        },
    )
}

impl Print {
    fn amount(&self, row: usize, column: usize) -> String {
        let printed = |column: usize| self.amounts[row][column].filter(|_| self.filled[column]);
        let sum = |columns: std::ops::Range<usize>| Some(columns.filter_map(printed).sum()).filter(|sum| *sum > 0);
        let amount = match column {
            0 if self.sums => sum(2..10),
            1 if self.sums => sum(2..9),
            _ => printed(column),
        };
        amount.map_or(String::new(), |cents| format!("{}.{:02}", cents / 100, cents % 100))
    }

    fn name(&self, row: usize) -> String {
        const LONG: &str = "森林草原防火物资储备及管护设施建设补助资金";
        let Some(Cells { length: (first, more), .. }) = self.cells else { return NAMES[row].1.to_owned() };
        let length = 2 + (first + row * more) % 14;
        LONG.chars().cycle().skip(row * 3).take(length).collect()
    }

    /// The lines of a row: what of the name stands in each, and in which the amounts are.
    fn lines(&self, row: usize) -> (Vec<String>, usize) {
        let name: Vec<char> = self.name(row).chars().collect();
        let Some(Cells { room, middle, .. }) = self.cells else { return (vec![name.iter().collect()], 0) };
        let mut lines: Vec<String> = name.chunks(room).map(|line| line.iter().collect()).collect();
        let numbers = if middle { lines.len() / 2 } else { 0 };
        if middle && lines.len().is_multiple_of(2) {
            lines.insert(numbers, String::new());
        }
        (lines, numbers)
    }

    fn expected(&self) -> Vec<String> {
        let row = |(at, (code, _)): (usize, &(&str, &str))| {
            let name = self.name(at);
            let amounts: Vec<String> = (0..INCOME.len()).map(|column| self.amount(at, column)).collect();
            format!("{code}|{name}|{}", amounts.join("|"))
        };
        NAMES.iter().enumerate().map(row).collect()
    }

    fn text(&self) -> String {
        let mut labels = vec!["科目编码", "科目名称"];
        labels.extend(INCOME);
        let least = |at: usize| if at == 1 { 10 } else { labels[at].chars().count().max(9) + 2 };
        let mut left = vec![0];
        for at in 0..labels.len() {
            left.push(left[at] + least(at) + self.widths[at]);
        }
        let mut off = self.off.iter().cycle();
        let mut line = |cells: Vec<(usize, String)>| {
            let mut line = String::new();
            for (at, cell) in cells.into_iter().filter(|(_, cell)| !cell.is_empty()) {
                let begin = at.saturating_add_signed(*off.next().expect("it has no end") as isize);
                let taken = line.chars().count();
                let least = if taken == 0 { 0 } else { 2 };
                line.extend(std::iter::repeat_n(' ', begin.saturating_sub(taken).max(least)));
                line.push_str(&cell);
            }
            line.push('\n');
            line
        };
        let centred = |at: usize| left[at] + (left[at + 1] - left[at]).saturating_sub(labels[at].chars().count()) / 2;
        let mut text = "部门收入总表\n\n".to_owned();
        text.push_str(&line((0..labels.len()).map(|at| (centred(at), labels[at].to_owned())).collect()));
        if self.numbered {
            let number = |at: usize| (left[at] + (left[at + 1] - left[at]) / 2, at.to_string());
            let numbers = (1..labels.len()).map(number);
            text.push_str(&line(std::iter::once((0, "栏次".to_owned())).chain(numbers).collect()));
        }
        let inside = self.cells.is_some_and(|cells| cells.inside);
        let mut moved = 0;
        for (row, (code, _)) in NAMES.iter().enumerate() {
            let (lines, numbers) = self.lines(row);
            for (at, name) in lines.into_iter().enumerate() {
                if let Some((page, far)) = self.page
                    && (page, usize::from(inside)) == (row, at)
                {
                    text.push('\u{c}');
                    moved = far;
                }
                let mut cells = vec![(left[1], name)];
                if at == numbers {
                    cells.insert(0, (0, (*code).to_owned()));
                    for column in 0..INCOME.len() {
                        let amount = self.amount(row, column);
                        let at = left[column + 3].saturating_add_signed(moved as isize);
                        cells.push((at.saturating_sub(amount.len() + 1), amount));
                    }
                }
                text.push_str(&line(cells));
            }
        }
        text
    }
}

fn config() -> ProptestConfig {
    let given = |name: &str| std::env::var(name).is_ok();
    let mut config = ProptestConfig::default();
    if !given("PROPTEST_CASES") {
        config.cases = 400;
    }
    if !given("PROPTEST_RNG_SEED") {
        config.rng_seed = RngSeed::Fixed(7);
    }
    config
}

proptest! {
    // The same cases in every run: others with PROPTEST_RNG_SEED, more with PROPTEST_CASES.
    #![proptest_config(config())]

    /// Whatever the widths and however far texts are off: a number is in its column, or in no table.
    #[test]
    fn no_number_gets_under_another_head(print in prints()) {
        let text = print.text();
        let filing = read(&text);
        for table in tables(&filing) {
            prop_assert_eq!(table.form_id(), "revenue-summary");
            let columns: Vec<&str> = table.columns.iter().map(|column| column.label.last().expect("a label").as_str()).collect();
            prop_assert_eq!(columns.len(), 12, "{}", text);
            // The whole of it: also where a page or a name cannot be told.
            prop_assert_eq!(rows(table), print.expected(), "{}", text);
        }
    }
}

#[test]
fn most_tables_are_read() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut taken, mut pages, mut wrapped) = (0, 0, 0);
    for _ in 0..200 {
        let mut print = prints().new_tree(&mut runner).expect("a print").current();
        // What a program prints is off by little.
        print.sums = true;
        print.off.iter_mut().for_each(|off| *off = if *off == -2 { -1 } else { 0 });
        let reads = |print: &Print| tables(&read(&print.text())).len() == 1;
        let paged = print.page.is_some();
        let cells = print.cells.take();
        taken += usize::from(reads(&print));
        pages += usize::from(paged && reads(&print));
        (print.page, print.cells) = (None, cells);
        wrapped += usize::from(cells.is_some() && reads(&print));
    }
    assert!(
        taken > 100 && pages > 20 && wrapped > 10,
        "{taken} of 200, {pages} on two pages, {wrapped} with long names"
    );
}
