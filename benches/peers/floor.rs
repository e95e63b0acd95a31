//! The floor as a program: `floor IN.docx OUT.xlsx`; with one name it reads and does not write;
//! `floor make FOLDER` writes the inputs of the measurements there; `floor read IN.docx` is no
//! floor: it reads and recognises with `yusuan`, and writes nothing.

#[path = "../common/mod.rs"]
mod common;

use common::{SIZES, floor, input};

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["make", folder] => {
            for size in SIZES {
                let made = input(size);
                std::fs::write(format!("{folder}/x{size}.docx"), &made.docx)?;
                std::fs::write(format!("{folder}/x{size}.txt"), &made.text)?;
            }
            Ok(())
        }
        ["read", docx] => {
            println!("{}", common::read(docx, &std::fs::read(docx)?).blocks.len());
            Ok(())
        }
        [docx, xlsx] => std::fs::write(xlsx, floor::convert(&std::fs::read(docx)?)),
        [docx] => {
            println!("{}", floor::cells(&floor::inflate(&std::fs::read(docx)?)).len());
            Ok(())
        }
        _ => Err(std::io::Error::other("usage: floor IN.docx OUT.xlsx")),
    }
}
