//! The operations grammar of a signed URL, validated and normalised.
