//! Where outputs go: names that follow from the names of the inputs and from nothing else.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::inputs::Input;

/// Extensions that say what a file is; a dot in a name (`2.部门预算`) is not followed by one.
const EXTENSIONS: [&str; 22] = [
    "csv", "doc", "docm", "docx", "dotx", "et", "htm", "html", "json", "markdown", "md", "ods", "odt", "rtf", "text",
    "tsv", "txt", "wps", "xls", "xlsb", "xlsm", "xlsx",
];

/// The output of each input: below `folder` as the input stands below the folder it was found in,
/// or beside the input.
///
/// An input's extension is replaced. Where that gives several inputs one name, those keep their
/// own extension before the new one (`a.docx.xlsx`, `a.txt.xlsx`); what still clashes (the same
/// name in two input folders) is numbered in the order of the inputs (`a (2).xlsx`). Names that
/// differ only in case clash, as they do on Windows.
pub fn plan(inputs: &[Input], folder: Option<&Path>, extension: &str) -> Vec<PathBuf> {
    let base: Vec<PathBuf> = inputs
        .iter()
        .map(|input| match folder {
            _ if input.is_stdin() => folder.unwrap_or(Path::new("")).join("stdin"),
            Some(folder) => folder.join(&input.below),
            None => input.path.clone(),
        })
        .collect();
    let mut outputs: Vec<PathBuf> = base.iter().map(|path| with(&strip(path), extension)).collect();
    for index in clashing(&outputs) {
        outputs[index] = with(&base[index], extension);
    }
    let mut taken: HashSet<String> = HashSet::new();
    for output in &mut outputs {
        let plain = strip(output);
        let mut number = 1;
        while !taken.insert(folded(output)) {
            number += 1;
            *output = with(&append(&plain, &format!(" ({number})")), extension);
        }
    }
    outputs
}

/// The output an input wishes for when no other wants the same.
pub fn wish(path: &Path, extension: &str) -> PathBuf {
    with(&strip(path), extension)
}

fn clashing(paths: &[PathBuf]) -> Vec<usize> {
    let mut count: HashMap<String, usize> = HashMap::new();
    for path in paths {
        *count.entry(folded(path)).or_default() += 1;
    }
    (0..paths.len()).filter(|index| count[&folded(&paths[*index])] > 1).collect()
}

fn folded(path: &Path) -> String {
    path.to_string_lossy().to_lowercase()
}

fn strip(path: &Path) -> PathBuf {
    let known = path.extension().is_some_and(|extension| {
        let extension = extension.to_string_lossy().to_ascii_lowercase();
        EXTENSIONS.contains(&extension.as_str())
    });
    if known { path.with_extension("") } else { path.to_owned() }
}

fn with(path: &Path, extension: &str) -> PathBuf {
    append(path, &format!(".{extension}"))
}

fn append(path: &Path, end: &str) -> PathBuf {
    let mut text = path.as_os_str().to_owned();
    text.push(end);
    PathBuf::from(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(paths: &[&str], folder: Option<&str>) -> Vec<String> {
        let inputs: Vec<Input> = paths
            .iter()
            .map(|path| {
                let (root, below) = path.split_once("//").unwrap_or(("", path));
                Input { path: Path::new(root).join(below), below: below.into(), trouble: None }
            })
            .collect();
        let planned = plan(&inputs, folder.map(Path::new), "xlsx");
        planned.iter().map(|path| path.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn outputs_stand_below_the_folder_as_inputs_do() {
        assert_eq!(named(&["in//a.txt", "in//乡/b.docx"], Some("out")), ["out/a.xlsx", "out/乡/b.xlsx"]);
        assert_eq!(named(&["in//a.txt"], None), ["in/a.xlsx"]);
    }

    #[test]
    fn inputs_that_differ_in_extension_keep_it() {
        assert_eq!(
            named(&["in//a.docx", "in//A.txt", "in//b.txt"], Some("out")),
            ["out/a.docx.xlsx", "out/A.txt.xlsx", "out/b.xlsx"]
        );
    }

    #[test]
    fn the_same_name_in_two_folders_is_numbered() {
        assert_eq!(
            named(&["x//a.txt", "y//a.txt", "z//a.txt"], Some("out")),
            ["out/a.txt.xlsx", "out/a.txt (2).xlsx", "out/a.txt (3).xlsx"]
        );
    }

    #[test]
    fn a_dot_in_a_name_is_no_extension() {
        assert_eq!(named(&["in//2.部门预算"], Some("out")), ["out/2.部门预算.xlsx"]);
    }
}
