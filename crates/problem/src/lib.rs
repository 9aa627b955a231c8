//! RFC 9457 error bodies: reason to status, code and public text in one table.
