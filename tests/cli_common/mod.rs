//! A small filing of an invented county, a folder to work in, and the command.
#![allow(dead_code, reason = "each test file uses a part")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A filing with prose, a table and nothing wrong with it.
pub const FILING: &str = "云岭县林草服务局2023年部门预算\n\n一、部门职责\n负责全县林业和草原的管护。\n\n\
部门机构设置情况\n\n\
| 单位名称 | 单位性质 | 单位规格 | 经费保障形式 |\n| --- | --- | --- | --- |\n\
| 云岭县林草服务局 | 行政 | 正科级 | 财政拨款 |\n| 云岭县苗圃站 | 事业 | 股级 | 财政性资金基本保证 |\n";

/// A filing whose total is not the sum of its parts.
pub const CONTRADICTING: &str = "云岭县林草服务局2023年部门预算\n\n部门固定资产占用情况表\n\n\
截止时间：2022-12-31\n\n| 项目 | 数量 | 价值（万元） |\n| --- | --- | --- |\n\
| 资产总额 | —— | 99.00 |\n| 1、房屋（平方米） | 300 | 40.00 |\n| 其中：办公用房（平方米） | 300 | 40.00 |\n\
| 2、车辆（台、辆） | 1 | 10.00 |\n| 3、单价在20万元以上设备 |  |  |\n| 4、其他固定资产 | —— | 5.00 |\n";

/// A folder to work in, and the command run in it.
pub struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    pub fn new() -> Bench {
        Bench { folder: tempfile::tempdir().expect("a folder") }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("below the folder")).expect("made");
        fs::write(&path, content).expect("written");
        path
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub fn text(&self, name: &str) -> String {
        String::from_utf8(self.read(name)).expect("UTF-8")
    }

    /// Every file below a folder, sorted, paths relative to it.
    pub fn files(&self, folder: &str) -> Vec<String> {
        fn walk(root: &Path, folder: &Path, files: &mut Vec<String>) {
            for entry in fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    walk(root, &path, files);
                } else {
                    files.push(path.strip_prefix(root).expect("below").to_string_lossy().into_owned());
                }
            }
        }
        let root = self.path(folder);
        let mut files = Vec::new();
        walk(&root, &root, &mut files);
        files.sort();
        files
    }

    /// The files of a folder that are outputs.
    pub fn outputs(&self, folder: &str) -> Vec<String> {
        self.files(folder).into_iter().filter(|name| name != ".yusuan-state.jsonl").collect()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_yusuan"));
        command.args(arguments).current_dir(self.folder.path()).stdin(Stdio::null());
        for name in ["LC_ALL", "LC_MESSAGES", "LANG", "NO_COLOR"] {
            command.env_remove(name);
        }
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments).output().expect("started"))
    }

    pub fn run_with_input(&self, arguments: &[&str], input: &[u8]) -> Ran {
        use std::io::Write;
        let mut command = self.command(arguments);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
        // A command that refuses its arguments reads nothing.
        let _ = child.stdin.take().expect("piped").write_all(input);
        Ran::of(child.wait_with_output().expect("ended"))
    }
}

/// How a command ended.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: Vec<u8>,
    pub err: String,
}

impl Ran {
    pub fn of(output: Output) -> Ran {
        Ran {
            code: output.status.code().unwrap_or(-1),
            out: output.stdout,
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    #[track_caller]
    pub fn ends(self, code: i32) -> Ran {
        assert_eq!(self.code, code, "{}", self.err);
        self
    }

    #[track_caller]
    pub fn says(self, part: &str) -> Ran {
        assert!(self.err.contains(part), "{part:?} is not in {:?}", self.err);
        self
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.out).expect("JSON on standard output")
    }
}

/// Whether the bytes are a whole xlsx.
pub fn is_workbook(bytes: &[u8]) -> bool {
    zip::ZipArchive::new(std::io::Cursor::new(bytes)).is_ok_and(|mut zip| zip.by_name("xl/workbook.xml").is_ok())
}
