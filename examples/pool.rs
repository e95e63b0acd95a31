//! Pools filings: `cargo run --example pool -- tables|sqlite|parquet|mof OUTPUT FILE...`.

use yusuan::form::built_in;
use yusuan::import::{self, Kind, Options, Pool};
use yusuan::limits::Limits;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kind, output, files @ ..] = arguments.as_slice() else {
        eprintln!("usage: pool tables|sqlite|parquet|mof OUTPUT FILE...");
        std::process::exit(2);
    };
    let kind = Kind::ALL.into_iter().find(|one| one.name() == kind).expect("a kind");
    let forms = built_in::forms();
    let options = Options { force: true, ..Options::default() };
    let mut pool = Pool::create(kind, output.as_ref(), &options).expect("an output");
    for file in files {
        let bytes = std::fs::read(file).expect("a readable file");
        let (source, document) = yusuan::read::read(file, &bytes, &Limits::default()).expect("a readable filing");
        let filing = yusuan::recognise::recognise(source, document, forms);
        let findings = yusuan::check::report(&filing, forms, &Default::default());
        for finding in pool.add(import::extract(&filing, &findings, forms, options.lang)).expect("added") {
            println!("{file}: {:?} {} {}", filing.source.locate(finding.place), finding.rule, finding.zh);
        }
    }
    println!("{:?}", pool.finish().expect("finished"));
}
