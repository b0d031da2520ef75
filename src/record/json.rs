//! JSON as it was written: numbers by their digits, objects with every key that they have.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A JSON value whose parts are not read yet.
#[derive(Debug)]
pub(super) enum Json<'j> {
    Null,
    Bool(bool),
    /// The digits as written.
    Number(&'j str),
    Text(String),
    Array(Vec<&'j RawValue>),
    Object(Vec<(String, &'j RawValue)>),
}

/// Reads one level of a value.
pub(super) fn parse(text: &str) -> Result<Json<'_>, serde_json::Error> {
    match text.trim_start().bytes().next() {
        Some(b'{') => serde_json::from_str::<Entries>(text).map(|entries| Json::Object(entries.0)),
        Some(b'[') => serde_json::from_str(text).map(Json::Array),
        Some(b'"') => serde_json::from_str(text).map(Json::Text),
        Some(b't' | b'f') => serde_json::from_str(text).map(Json::Bool),
        Some(b'n') => serde_json::from_str::<()>(text).map(|()| Json::Null),
        _ => serde_json::from_str::<&RawValue>(text).map(|number| Json::Number(number.get())),
    }
}

/// How deep brackets nest, texts left out.
pub(super) fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0_usize);
    let (mut quoted, mut escaped) = (false, false);
    for byte in text.bytes() {
        if quoted {
            (quoted, escaped) = (escaped || byte != b'"', !escaped && byte == b'\\');
            continue;
        }
        match byte {
            b'"' => quoted = true,
            b'[' | b'{' => {
                depth = depth.saturating_add(1);
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// A number without its exponent: `1.5e3` as `1500`; none where that would take too many digits.
pub(super) fn plain_number(digits: &str) -> Option<String> {
    const MOST_PLACES: i32 = 40;
    let Some((mantissa, power)) = digits.split_once(['e', 'E']) else { return Some(digits.to_string()) };
    let power: i32 = power.strip_prefix('+').unwrap_or(power).parse().ok()?;
    if !(-MOST_PLACES..=MOST_PLACES).contains(&power) {
        return None;
    }
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let (whole, places) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let shift = usize::try_from(power.unsigned_abs()).ok()?;
    let (whole, places) = if power >= 0 {
        let padded = format!("{places:0<shift$}");
        let (moved, rest) = padded.split_at_checked(shift)?;
        (format!("{whole}{moved}"), rest.to_string())
    } else {
        let padded = format!("{whole:0>width$}", width = shift.checked_add(1)?);
        let (rest, moved) = padded.split_at_checked(padded.len().checked_sub(shift)?)?;
        (rest.to_string(), format!("{moved}{places}"))
    };
    let whole = whole.trim_start_matches('0');
    let places = places.trim_end_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    Some(if places.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{places}") })
}

/// The entries of an object in written order, keys that stand twice included.
struct Entries<'j>(Vec<(String, &'j RawValue)>);

impl<'j> Deserialize<'j> for Entries<'j> {
    fn deserialize<D: Deserializer<'j>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'j> Visitor<'j> for Read {
            type Value = Entries<'j>;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'j>>(self, mut map: A) -> Result<Entries<'j>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(Read)
    }
}
