//! A walk over the compact Thrift encoding in which Parquet keeps what it says of itself.
//!
//! In: bytes. Out: every whole number with its path of field numbers, every list with its
//! length. Nothing is allocated for what the bytes merely claim: a list is no longer than
//! the bytes behind it, and depth has a limit.

/// Levels of structures inside one another; the format itself has fewer than ten.
const DEEPEST: usize = 32;

/// What a walk comes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// A whole number or logical value.
    Number(i64),
    /// A list of so many elements.
    List(usize),
    /// The end of a structure that is an element of a list.
    Element,
}

/// Bytes being walked over.
pub(super) struct Walk<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Walk<'b> {
    /// A walk over these bytes.
    pub(super) fn new(bytes: &'b [u8]) -> Walk<'b> {
        Walk { bytes, at: 0 }
    }

    /// How many bytes were walked over.
    pub(super) fn length(&self) -> usize {
        self.at
    }

    /// Walks over one structure; nothing where the bytes are none.
    pub(super) fn structure(&mut self, see: &mut dyn FnMut(&[i16], Seen)) -> Option<()> {
        self.fields(&mut Vec::new(), see)
    }

    fn fields(&mut self, path: &mut Vec<i16>, see: &mut dyn FnMut(&[i16], Seen)) -> Option<()> {
        if path.len() > DEEPEST {
            return None;
        }
        let mut field: i16 = 0;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Some(());
            }
            field = match head >> 4 {
                0 => i16::try_from(self.number()?).ok()?,
                step => field.checked_add(i16::from(step))?,
            };
            path.push(field);
            match head & 0x0f {
                kind @ (1 | 2) => see(path, Seen::Number(i64::from(kind == 1))),
                kind => self.value(kind, path, see)?,
            }
            path.pop();
        }
    }

    fn value(&mut self, kind: u8, path: &mut Vec<i16>, see: &mut dyn FnMut(&[i16], Seen)) -> Option<()> {
        match kind {
            1..=3 => {
                let byte = self.byte()?;
                see(path, Seen::Number(i64::from(byte)));
            }
            4..=6 => {
                let number = self.number()?;
                see(path, Seen::Number(number));
            }
            7 => self.skip(8)?,
            8 => {
                let length = usize::try_from(self.varint()?).ok()?;
                self.skip(length)?;
            }
            9 | 10 => self.list(path, see)?,
            11 => {
                let count = usize::try_from(self.varint()?).ok()?;
                if count > 0 {
                    let kinds = self.byte()?;
                    self.fits(count)?;
                    for _ in 0..count {
                        self.element(kinds >> 4, path, see)?;
                        self.element(kinds & 0x0f, path, see)?;
                    }
                }
            }
            12 => self.fields(path, see)?,
            13 => self.skip(16)?,
            _ => return None,
        }
        Some(())
    }

    fn list(&mut self, path: &mut Vec<i16>, see: &mut dyn FnMut(&[i16], Seen)) -> Option<()> {
        let head = self.byte()?;
        let count = match head >> 4 {
            15 => usize::try_from(self.varint()?).ok()?,
            count => usize::from(count),
        };
        self.fits(count)?;
        see(path, Seen::List(count));
        for _ in 0..count {
            self.element(head & 0x0f, path, see)?;
        }
        Some(())
    }

    fn element(&mut self, kind: u8, path: &mut Vec<i16>, see: &mut dyn FnMut(&[i16], Seen)) -> Option<()> {
        match kind {
            // A list inside a list has no field of its own: it counts as a level all the same.
            9..=11 if path.len() > DEEPEST => return None,
            9..=11 => {
                path.push(0);
                self.value(kind, path, see)?;
                path.pop();
            }
            12 => {
                self.fields(path, see)?;
                see(path, Seen::Element);
            }
            kind => self.value(kind, path, see)?,
        }
        Some(())
    }

    /// Whether so many elements may follow: each takes a byte at least.
    fn fits(&self, count: usize) -> Option<()> {
        (count <= self.bytes.len().saturating_sub(self.at)).then_some(())
    }

    fn skip(&mut self, length: usize) -> Option<()> {
        self.fits(length)?;
        self.at = self.at.checked_add(length)?;
        Some(())
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at = self.at.checked_add(1)?;
        Some(byte)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut number: u64 = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn number(&mut self) -> Option<i64> {
        let coded = self.varint()?;
        let half = i64::try_from(coded >> 1).ok()?;
        Some(if coded & 1 == 0 { half } else { !half })
    }
}
