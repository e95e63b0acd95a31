//! The data files that come with the program, as `build.rs` translates them.

/// The JSON of a file of `templates/`, named without `.toml`.
macro_rules! json {
    ($path:literal) => {
        include_str!(concat!(env!("OUT_DIR"), "/templates/", $path, ".json"))
    };
}
pub(crate) use json;

/// Reads a file of `templates/`, named without `.toml`. It is part of the program, so a wrong one
/// fails its tests.
macro_rules! read {
    ($path:literal) => {
        serde_json::from_str($crate::templates::json!($path)).expect(concat!($path, ".toml is tested"))
    };
}
pub(crate) use read;
