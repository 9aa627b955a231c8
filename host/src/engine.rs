//! The WebAssembly engine: its settings, its clock, and compiled components kept on disk.
use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::Duration;
use wasmtime::component::Component;
use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

/// How often running code gives way to other requests. That it looks at the clock, in every turn of a loop, takes about a tenth of
/// its time; nothing else would end code that never ends.
const TICK: Duration = Duration::from_millis(10);

/// So much of an instance's memory, from its beginning, stays with its place in the pool. It is set back by writing over it, which takes
/// less time than to give its pages back and have them faulted in by the next instance; and it is held while nobody works.
///
/// The kernel can be asked which pages were written (`PAGEMAP_SCAN`), and more could be kept then. The engine does not see those that
/// were swapped out, and would hand them on to the next instance as they are, so it is not asked.
const RESIDENT: usize = 9 << 19;

/// For how long a compiled component is kept before it is compiled again.
const KEPT: Duration = Duration::from_secs(30 * 86_400);

/// Makes the engine and starts its clock. `instances` at a time fit in the pool, each with `memory` bytes of linear memory.
pub fn start(instances: u32, memory: usize) -> Result<Engine> {
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        .wasm_component_model_async(true)
        .epoch_interruption(true);
    let mut pool = PoolingAllocationConfig::default();
    // A component is several core modules (the program, and small ones between it and its host).
    pool.total_component_instances(instances)
        .total_core_instances(instances.saturating_mul(8))
        .total_tables(instances.saturating_mul(8))
        .total_memories(instances.saturating_mul(2))
        .total_stacks(instances.saturating_mul(2))
        .max_memory_size(memory)
        .linear_memory_keep_resident(RESIDENT.min(memory))
        .table_keep_resident(16 << 10);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    let engine = match Engine::new(&config) {
        Ok(engine) => engine,
        Err(error) => {
            // The pool reserves address space; where that is limited, slower instances are better than none.
            crate::log::warning(&format!(
                "no instance pool on this machine, going on without: {error:#}"
            ));
            config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
            Engine::new(&config)
                .map_err(anyhow::Error::from)
                .context("the WebAssembly engine does not start on this machine")?
        }
    };
    let clock = engine.weak();
    std::thread::Builder::new().name("epoch".to_owned()).spawn(move || {
        while let Some(engine) = clock.upgrade() {
            engine.increment_epoch();
            drop(engine);
            std::thread::sleep(TICK);
        }
    })?;
    Ok(engine)
}

/// Reads a component: compiled now, or mapped from where an equal engine left it before.
pub fn component(engine: &Engine, source: &Path, cache: &Path) -> Result<Component> {
    let wasm = fs::read(source).with_context(|| {
        format!(
            "{} cannot be read: build the components first (cargo xtask build)",
            source.display()
        )
    })?;
    let compiled = cache.join(format!("{}.cwasm", key(engine, &wasm)));
    if compiled.exists() {
        match map(engine, &compiled) {
            Ok(component) => return Ok(component),
            Err(error) => crate::log::warning(&format!(
                "{} is damaged and is made anew: {error:#}",
                compiled.display()
            )),
        }
    }
    let component = Component::new(engine, &wasm)
        .map_err(anyhow::Error::from)
        .with_context(|| format!("{} is no component of this host", source.display()))?;
    if let Err(error) = keep(&component, &compiled) {
        crate::log::warning(&format!(
            "{} cannot be written, so the next start compiles again: {error:#}",
            compiled.display()
        ));
    }
    Ok(component)
}

/// Where compiled components lie: the user's cache folder, else the data folder.
pub fn cache_folder(data: &Path) -> Result<PathBuf> {
    let absolute = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let user = absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")));
    let folders = user
        .map(|user| user.join("deckle"))
        .into_iter()
        .chain([data.join("compiled")]);
    let mut problem = None;
    for folder in folders {
        match crate::files::private_folder(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) => problem = Some(error),
        }
    }
    Err(problem.map_or_else(
        || anyhow::anyhow!("no folder for compiled components"),
        anyhow::Error::from,
    ))
}

/// Names the compiled form: the program, and everything about the engine that the machine code depends on.
fn key(engine: &Engine, wasm: &[u8]) -> String {
    struct Sink(Sha256);
    impl Hasher for Sink {
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }
        fn finish(&self) -> u64 {
            0 // the whole digest is taken below instead
        }
    }
    let mut sink = Sink(Sha256::new_with_prefix(Sha256::digest(wasm)));
    engine.precompile_compatibility_hash().hash(&mut sink);
    sink.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[expect(
    unsafe_code,
    reason = "mapping machine code that this program wrote is what makes a start take milliseconds"
)]
fn map(engine: &Engine, compiled: &Path) -> Result<Component> {
    crate::files::check_private(compiled)?;
    // SAFETY: the file must be what `Component::serialize` wrote, unchanged. It lies in a folder of mode 0700 of this user, it
    // belongs to this user and nobody else may write it (checked above), it was put in place whole by a rename, and its name
    // is a digest of the program and of the engine's settings and version.
    Ok(unsafe { Component::deserialize_file(engine, compiled) }?)
}

fn keep(component: &Component, compiled: &Path) -> Result<()> {
    crate::files::write_private(compiled, &component.serialize()?)?;
    // Every build of a component leaves one behind. What is old is made again if it is ever needed.
    let old = |file: &Path| {
        let age = fs::metadata(file)
            .ok()
            .and_then(|found| found.modified().ok()?.elapsed().ok());
        file.extension().is_some_and(|extension| extension == "cwasm") && age.is_some_and(|age| age > KEPT)
    };
    let files = compiled
        .parent()
        .and_then(|folder| fs::read_dir(folder).ok())
        .into_iter()
        .flatten();
    for file in files
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|file| old(file))
    {
        drop(fs::remove_file(file));
    }
    Ok(())
}
