//! Files of fitted objects: data, never code.
//!
//! A header line of JSON (`format`, `version`, `crc32` and length of what follows), then the object
//! as JSON. Numbers are written so that they read back to the same bits. Reading is bounded and
//! checked against the checksum: a damaged or hostile file gives an error. That the content makes
//! sense is checked by the objects themselves as they are read (`checked_serde!`).

use std::io::Read;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result, shown};
use crate::input_file;

/// Serde for a type that derives it with `#[serde(remote = "Self")]` and has a `check`: what was read,
/// from whatever format, is checked before anyone uses it.
macro_rules! checked_serde {
    ($type:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                <$type>::serialize(self, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let read = <$type>::deserialize(deserializer)?;
                let told = |error: crate::error::Error| {
                    let text = error.in_full();
                    serde::de::Error::custom(text.strip_prefix("model file: ").unwrap_or(&text))
                };
                read.check().map_err(told)?;
                Ok(read)
            }
        }
    };
}
pub(crate) use checked_serde;

/// Serde for what clones share, as if each had its own.
pub(crate) mod shared {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<T: Serialize, S: Serializer>(
        value: &Arc<T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        T::serialize(value, serializer)
    }

    pub(crate) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Arc<T>, D::Error> {
        T::deserialize(deserializer).map(Arc::new)
    }
}

/// The share of the customers that models of files without one were trained on.
pub(crate) fn all() -> f64 {
    1.0
}

/// No model comes near; a larger file is refused before it is read.
const MOST_BYTES: u64 = 256 << 20;
/// A header is a line of at most so many bytes.
const MOST_OF_HEADER: u64 = 1_024;

#[derive(serde::Serialize, serde::Deserialize)]
struct Header {
    format: String,
    version: u32,
    crc32: u32,
    bytes: u64,
}

/// The bytes of a file, of which no more than any model needs is read.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    let (file, _) = input_file::open(path)?;
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(|e| Error::io(path, e))?;
    Ok(bytes)
}

/// The bytes of a file of this format that holds `value`.
pub(crate) fn encode(format: &str, version: u32, value: &impl Serialize) -> Result<Vec<u8>> {
    let body = serde_json::to_vec(value).map_err(broken)?;
    let header = Header {
        format: format.into(),
        version,
        crc32: crc32fast::hash(&body),
        bytes: body.len() as u64,
    };
    let mut bytes = serde_json::to_vec(&header).map_err(broken)?;
    bytes.push(b'\n');
    bytes.extend(body);
    Ok(bytes)
}

/// The format that the bytes of a file say they have; none where they are no such file.
#[cfg(feature = "io")]
pub(crate) fn format_of(bytes: &[u8]) -> Option<String> {
    header(bytes).map(|(header, _)| header.format)
}

/// The format that a file says it has; none where it is no such file.
#[cfg(feature = "io")]
pub(crate) fn format_in(path: &Path) -> Result<Option<String>> {
    let (file, _) = input_file::open(path)?;
    let mut bytes = Vec::new();
    file.take(MOST_OF_HEADER).read_to_end(&mut bytes).map_err(|e| Error::io(path, e))?;
    Ok(format_of(&bytes))
}

/// The header, and the object's bytes.
fn header(bytes: &[u8]) -> Option<(Header, &[u8])> {
    let end = bytes.iter().take(MOST_OF_HEADER as usize).position(|&byte| byte == b'\n')?;
    Some((serde_json::from_slice(&bytes[..end]).ok()?, &bytes[end + 1..]))
}

/// What a file of this format holds.
pub(crate) fn decode<T: DeserializeOwned>(format: &str, version: u32, bytes: &[u8]) -> Result<T> {
    let bad = |message: String| Err(Error::model_file(message));
    if bytes.len() as u64 > MOST_BYTES {
        return bad(format!("larger than {MOST_BYTES} bytes"));
    }
    let (header, body) = match header(bytes) {
        Some((header, body)) if header.format == format => (header, body),
        Some((header, _)) if header.format.starts_with("winback ") => {
            return bad(format!("not a {format}, but a {}", shown(&header.format)));
        }
        _ => return bad(format!("not a {format}")),
    };
    if header.version != version {
        return bad(format!("of version {}; this release reads version {version}", header.version));
    }
    if header.bytes != body.len() as u64 || header.crc32 != crc32fast::hash(body) {
        return bad("damaged or cut short".into());
    }
    serde_json::from_slice(body).map_err(broken)
}

fn broken(error: serde_json::Error) -> Error {
    Error::damaged_model(error)
}
