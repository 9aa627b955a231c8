//! `spin:key-value@3.0.0`.
use super::bindings::spin::key_value::key_value::{Error, Host, HostStore, HostStoreWithStore};
use super::{Platform, Store};
use crate::instance::Guest;
use crate::kv::{self, Backend};
use std::sync::Arc;
use wasmtime::Result;
use wasmtime::component::{Accessor, FutureReader, Resource, StreamReader};

impl From<kv::Error> for Error {
    fn from(error: kv::Error) -> Self {
        Self::Other(error.to_string())
    }
}

/// The backend and label behind a handle.
fn opened<T>(accessor: &Accessor<T, Platform>, handle: &Resource<Store>) -> Result<(Arc<dyn Backend>, String)> {
    accessor.with(|mut access| {
        let guest = access.get();
        Ok((guest.app.stores.clone(), guest.table.get(handle)?.0.clone()))
    })
}

impl Host for Guest {}

impl HostStore for Guest {
    fn drop(&mut self, handle: Resource<Store>) -> Result<()> {
        self.table.delete(handle)?;
        Ok(())
    }
}

impl<T: Send> HostStoreWithStore<T> for Platform {
    async fn open(accessor: &Accessor<T, Self>, label: String) -> Result<Result<Resource<Store>, Error>> {
        accessor.with(|mut access| {
            let guest = access.get();
            if !guest.app.labels.contains(&label) {
                return Ok(Err(Error::AccessDenied));
            }
            Ok(Ok(guest.table.push(Store(label))?))
        })
    }

    async fn get(
        accessor: &Accessor<T, Self>,
        handle: Resource<Store>,
        key: String,
    ) -> Result<Result<Option<Vec<u8>>, Error>> {
        let (backend, store) = opened(accessor, &handle)?;
        Ok(kv::get(backend, store, key).await.map_err(Error::from))
    }

    async fn set(
        accessor: &Accessor<T, Self>,
        handle: Resource<Store>,
        key: String,
        value: Vec<u8>,
    ) -> Result<Result<(), Error>> {
        let (backend, store) = opened(accessor, &handle)?;
        let written = kv::call(backend, move |backend| backend.set(&store, &key, &value)).await;
        Ok(written.map_err(Error::from))
    }

    async fn delete(accessor: &Accessor<T, Self>, handle: Resource<Store>, key: String) -> Result<Result<(), Error>> {
        let (backend, store) = opened(accessor, &handle)?;
        let written = kv::call(backend, move |backend| backend.delete(&store, &key)).await;
        Ok(written.map_err(Error::from))
    }

    async fn exists(accessor: &Accessor<T, Self>, handle: Resource<Store>, key: String) -> Result<Result<bool, Error>> {
        let (backend, store) = opened(accessor, &handle)?;
        let value = kv::get(backend, store, key).await;
        Ok(value.map(|value| value.is_some()).map_err(Error::from))
    }

    async fn get_keys(
        accessor: &Accessor<T, Self>,
        handle: Resource<Store>,
    ) -> Result<(StreamReader<String>, FutureReader<Result<(), Error>>)> {
        let (backend, store) = opened(accessor, &handle)?;
        // The list is complete before the stream starts, so a reader that uses the store meanwhile cannot lock itself out.
        let (keys, end) = match kv::call(backend, move |backend| backend.keys(&store)).await {
            Ok(keys) => (keys, Ok(())),
            Err(error) => (Vec::new(), Err(Error::from(error))),
        };
        accessor.with(|mut access| {
            let keys = StreamReader::new(&mut access, keys)?;
            Ok((
                keys,
                FutureReader::new(&mut access, async move { wasmtime::error::Ok(end) })?,
            ))
        })
    }
}
