//! The sheets of our workbooks that are no tables of the filing: what they are called and which columns they
//! have. The writer lays them out, the reader knows them again.

/// Such a sheet.
pub(crate) struct Service {
    /// Its name, as long as nobody renames it.
    pub name: &'static str,
    /// Heads of its columns and their widths, in characters of half width.
    pub columns: &'static [(&'static str, f64)],
    /// How many of the heads tell the sheet under any name: editors add columns and delete the last ones.
    told_by: usize,
}

impl Service {
    /// The heads that tell the sheet.
    pub fn telling(&self) -> impl Iterator<Item = &'static str> {
        self.columns[..self.told_by].iter().map(|(head, _)| *head)
    }
}

/// Contents of the workbook, each a link.
pub(crate) const CONTENTS: Service = Service {
    name: "目录",
    columns: &[("序号", 10.0), ("工作表", 46.0), ("表名", 56.0), ("行数", 7.0), ("模板", 30.0)],
    told_by: 5,
};

/// The prose, a row a block.
pub(crate) const PROSE: Service =
    Service {
        name: "文本", columns: &[("序号", 7.0), ("类型", 8.0), ("内容", 96.0), ("工作表", 36.0)], told_by: 4
    };

/// Every equation, with live formulas.
pub(crate) const CHECKS: Service = Service {
    name: "校验",
    columns: &[
        ("序号", 6.0),
        ("规则", 13.0),
        ("位置", 34.0),
        ("校验内容", 48.0),
        ("原文数", 13.0),
        ("填报数", 13.0),
        ("计算数", 13.0),
        ("差额", 11.0),
        ("结果", 7.0),
        ("允许误差", 10.0),
        ("转换时计算数", 13.0),
    ],
    told_by: 4,
};

/// What the forms have no place for.
pub(crate) const OTHER: Service = Service {
    name: "其他信息",
    columns: &[
        ("序号", 6.0),
        ("工作表", 30.0),
        ("行", 6.0),
        ("代码", 18.0),
        ("栏目", 22.0),
        ("内容", 60.0),
        ("说明", 16.0),
    ],
    told_by: 6,
};

/// All of them.
pub(crate) const SERVICES: [&Service; 4] = [&CONTENTS, &PROSE, &CHECKS, &OTHER];
