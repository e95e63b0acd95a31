//! Makes JSON of the data files in `templates/`: people write TOML, the program reads JSON in a
//! tenth of the time. Lists the form files among them: a new family is a folder, and no Rust.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=templates");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it")).join("templates");
    translate(Path::new("templates"), &out);
    fs::write(out.join("../forms.rs"), list_forms(Path::new("templates"))).expect("the output folder can be written");
}

/// Every form file as `src/form/built_in.rs` includes it: those of folders with a `family.toml`, and
/// the lists that columns take their values from.
fn list_forms(templates: &Path) -> String {
    let mut names = vec!["lists/indicators".to_owned()];
    for folder in fs::read_dir(templates).expect("a folder") {
        let folder = folder.expect("an entry").path();
        if !folder.join("family.toml").is_file() {
            continue;
        }
        for file in fs::read_dir(&folder).expect("a folder") {
            let path = file.expect("an entry").path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                let name = path.strip_prefix(templates).expect("it lies below").with_extension("");
                let parts: Vec<_> = name.iter().map(|part| part.to_str().expect("a name in ASCII")).collect();
                names.push(parts.join("/"));
            }
        }
    }
    names.sort();
    let list = |text: &dyn Fn(&str) -> String| -> String {
        names.iter().map(|name| format!("    (\"{name}.toml\", include_str!({})),\n", text(name))).collect()
    };
    let toml = list(&|name| format!("concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/templates/{name}.toml\")"));
    let json = list(&|name| format!("concat!(env!(\"OUT_DIR\"), \"/templates/{name}.json\")"));
    format!(
        "/// Path below `templates/` and content of each form file.\n\
         pub const FILES: &[(&str, &str)] = &[\n{toml}];\n\n\
         /// The same files in JSON.\n\
         const JSON: &[(&str, &str)] = &[\n{json}];\n"
    )
}

fn translate(folder: &Path, out: &Path) {
    fs::create_dir_all(out).expect("the output folder can be made");
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let out = out.join(path.file_name().expect("a name"));
        if path.is_dir() {
            translate(&path, &out);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            let text = fs::read_to_string(&path).expect("a text");
            let data: serde_json::Value =
                toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            fs::write(out.with_extension("json"), data.to_string()).expect("the output folder can be written");
        }
    }
}
