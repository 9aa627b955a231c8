//! Secrets that cannot be printed, key derivation, and sealing with AES-256-GCM.
