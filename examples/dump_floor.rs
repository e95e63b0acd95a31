//! floor
use std::io::Read;
fn main() {
    let name = std::env::args().nth(1).unwrap();
    let bytes = std::fs::read(name).unwrap();
    let start = std::time::Instant::now();
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(&bytes)).unwrap();
    let mut out = Vec::new();
    zip.by_name("word/document.xml").unwrap().read_to_end(&mut out).unwrap();
    println!("inflate {:?}", start.elapsed());
    let mut reader = quick_xml::Reader::from_reader(&out[..]);
    let mut n = 0;
    loop {
        match reader.read_event().unwrap() {
            quick_xml::events::Event::Eof => break,
            _ => n += 1,
        }
    }
    println!("tokens {n} {:?}", start.elapsed());
}
