#![no_main]
//! Texts of any encoding and dialect.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if !bytes.starts_with(b"PK") && !bytes.starts_with(b"\xd0\xcf") {
        yusuan_fuzz::run(bytes);
    }
});
