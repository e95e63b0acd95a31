#![no_main]
//! Zip containers, sound or not.

use yusuan::limits::Limits;
use yusuan::read::package::Package;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(mut package) = Package::open(bytes, &Limits::default()) {
        let names: Vec<String> = package.names().map(str::to_owned).collect();
        for name in names.iter().take(50) {
            let _ = package.read(name);
            let _ = package.relationships(name);
        }
        let _ = package.relationships("");
        let _ = package.content_type("word/document.xml");
    }
    if bytes.starts_with(b"PK") {
        yusuan_fuzz::run(bytes);
    }
});
