//! Stored records: signing keys and projects, as key-value bytes.
