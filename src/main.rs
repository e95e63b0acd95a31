//! The command `yusuan`.

fn main() {}
