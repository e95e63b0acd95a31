//! Where the rows, cells and paragraphs of a part stand in its bytes: a second look, taken when an
//! edit needs more than the characters of a text.
