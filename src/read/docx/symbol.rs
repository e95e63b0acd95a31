//! Characters of symbol fonts: `w:sym`, and text set in such a font, stand at code points that mean
//! nothing elsewhere (U+F0B3 is ≥ in Symbol). The tables give what a person sees.

/// Fonts whose characters are no letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SymbolFont {
    /// Adobe Symbol.
    Symbol,
    /// Wingdings.
    Wingdings,
    /// Wingdings 2.
    Wingdings2,
    /// Wingdings 3 and others: known to be symbols, without a table.
    Other,
}

/// Code points from 0x20 on of the Symbol font; `\u{fffd}` where it has nothing we can name.
const SYMBOL: &str =
    " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_\u{203e}αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼";
/// From 0xA0 on.
const SYMBOL_HIGH: &str =
    "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪\u{fffd}〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭";

/// The characters of Wingdings that documents use.
const WINGDINGS: &[(u8, char)] = &[
    (0x28, '☎'),
    (0x2a, '✉'),
    (0x46, '☞'),
    (0x4a, '☺'),
    (0x6c, '●'),
    (0x6d, '❍'),
    (0x6e, '■'),
    (0x6f, '□'),
    (0x70, '□'),
    (0x71, '❑'),
    (0x72, '❒'),
    (0x73, '⬧'),
    (0x74, '⧫'),
    (0x75, '◆'),
    (0x76, '❖'),
    (0x77, '⬥'),
    (0x80, '⓪'),
    (0x81, '①'),
    (0x82, '②'),
    (0x83, '③'),
    (0x84, '④'),
    (0x85, '⑤'),
    (0x86, '⑥'),
    (0x87, '⑦'),
    (0x88, '⑧'),
    (0x89, '⑨'),
    (0x8a, '⑩'),
    (0x8c, '❶'),
    (0x8d, '❷'),
    (0x8e, '❸'),
    (0x8f, '❹'),
    (0x90, '❺'),
    (0x91, '❻'),
    (0x92, '❼'),
    (0x93, '❽'),
    (0x94, '❾'),
    (0x95, '❿'),
    (0x9e, '·'),
    (0x9f, '•'),
    (0xa1, '○'),
    (0xa7, '▪'),
    (0xa8, '□'),
    (0xab, '★'),
    (0xb2, '✧'),
    (0xd8, '➢'),
    (0xdf, '←'),
    (0xe0, '→'),
    (0xe1, '↑'),
    (0xe2, '↓'),
    (0xe8, '➔'),
    (0xf0, '⇨'),
    (0xfb, '✗'),
    (0xfc, '✓'),
    (0xfd, '☒'),
    (0xfe, '☑'),
];

/// The same for Wingdings 2.
const WINGDINGS_2: &[(u8, char)] = &[
    (0x4f, '✗'),
    (0x50, '✓'),
    (0x51, '☒'),
    (0x52, '☑'),
    (0x53, '☒'),
    (0x54, '☒'),
    (0x69, '⓪'),
    (0x6a, '①'),
    (0x6b, '②'),
    (0x6c, '③'),
    (0x6d, '④'),
    (0x6e, '⑤'),
    (0x97, '●'),
    (0xa2, '■'),
    (0xa3, '□'),
];

/// The symbol font of a name, if it is one.
pub fn symbol_font(name: &str) -> Option<SymbolFont> {
    let name = name.trim().to_ascii_lowercase();
    Some(match name.as_str() {
        "symbol" | "symbolps" => SymbolFont::Symbol,
        "wingdings" => SymbolFont::Wingdings,
        "wingdings 2" => SymbolFont::Wingdings2,
        "wingdings 3" | "webdings" | "marlett" => SymbolFont::Other,
        _ => return None,
    })
}

/// What a character of a symbol font shows. Characters outside the font's range (letters that a
/// careless program set in it) are themselves; what has no name keeps its private code point.
pub fn symbol_char(font: SymbolFont, ch: char) -> char {
    let code = ch as u32;
    let Ok(low) = u8::try_from(if (0xf000..=0xf0ff).contains(&code) { code - 0xf000 } else { code }) else {
        return ch;
    };
    let listed = |list: &[(u8, char)]| list.iter().find(|(at, _)| *at == low).map(|(_, shown)| *shown);
    let shown = match font {
        SymbolFont::Symbol if low >= 0xa0 => SYMBOL_HIGH.chars().nth(usize::from(low - 0xa0)),
        SymbolFont::Symbol if low >= 0x20 => SYMBOL.chars().nth(usize::from(low - 0x20)),
        SymbolFont::Symbol | SymbolFont::Other => None,
        SymbolFont::Wingdings => listed(WINGDINGS),
        SymbolFont::Wingdings2 => listed(WINGDINGS_2),
    };
    shown.filter(|shown| *shown != '\u{fffd}').unwrap_or(ch)
}

/// The digit or character of `EQ \o\ac(○,1)`, Word's "enclosed character", as one character.
pub fn enclose(frame: &str, content: &str) -> Option<char> {
    let circle = matches!(frame, "○" | "〇" | "◯");
    let number: u32 = content.parse().ok()?;
    (circle && (1..=20).contains(&number)).then(|| char::from_u32('①' as u32 + number - 1)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signs_that_filings_use() {
        let cases = [
            (SymbolFont::Symbol, 0xf0b3, '≥'),
            (SymbolFont::Symbol, 0xf0a3, '≤'),
            (SymbolFont::Symbol, 0xb1, '±'),
            (SymbolFont::Symbol, 0xf0b4, '×'),
            (SymbolFont::Symbol, 0xf0b0, '°'),
            (SymbolFont::Symbol, 0xf044, 'Δ'),
            (SymbolFont::Symbol, 0xf0e5, '∑'),
            (SymbolFont::Symbol, 0xf0fe, '⎭'),
            (SymbolFont::Wingdings, 0xf0fe, '☑'),
            (SymbolFont::Wingdings, 0xf0a8, '□'),
            (SymbolFont::Wingdings2, 0xf052, '☑'),
            (SymbolFont::Other, 0xf052, '\u{f052}'),
            (SymbolFont::Symbol, '预' as u32, '预'),
        ];
        for (font, code, shown) in cases {
            assert_eq!(symbol_char(font, char::from_u32(code).unwrap()), shown, "{font:?} {code:x}");
        }
        assert_eq!(enclose("○", "12"), Some('⑫'));
        assert_eq!(enclose("△", "1"), None);
    }
}
