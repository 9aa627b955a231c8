//! Signed URLs: parse, string to sign, verify, sign.
