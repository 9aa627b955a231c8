//! How the component is linked.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm") {
        // Memory that an instance has from its start. A page of it costs nothing before it is touched, but each time that memory
        // grows the host has to change its mapping, which stops all of its threads for a moment.
        println!("cargo::rustc-link-arg-cdylib=--initial-memory={}", 16 << 20);
        // The stack lies below everything else, and what lies low is kept by the host from one instance to the next, used or not.
        println!("cargo::rustc-link-arg-cdylib=-zstack-size={}", 256 << 10);
    }
}
