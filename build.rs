//! Makes JSON of the data files in `templates/`: people write TOML, the program reads JSON in a
//! tenth of the time.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=templates");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it")).join("templates");
    translate(Path::new("templates"), &out);
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
