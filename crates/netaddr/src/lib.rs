//! Hosts, domains and client addresses, compared in canonical form.
