//! `wasi:keyvalue@0.2.0-draft2`: stores, atomic increments, compare-and-swap, batches.
use super::bindings::wasi::keyvalue::atomics::{self, CasError};
use super::bindings::wasi::keyvalue::batch;
use super::bindings::wasi::keyvalue::store::{self, Error, KeyResponse};
use super::{Cas, Store};
use crate::instance::Guest;
use crate::kv::{self, Backend};
use wasmtime::Result;
use wasmtime::component::Resource;

impl From<kv::Error> for Error {
    fn from(error: kv::Error) -> Self {
        Self::Other(error.to_string())
    }
}

impl Guest {
    fn label(&self, bucket: &Resource<Store>) -> Result<String> {
        Ok(self.table.get(bucket)?.0.clone())
    }

    /// Makes a call to the store behind a handle.
    async fn stored<T: Send + 'static>(
        &mut self,
        bucket: &Resource<Store>,
        call: impl FnOnce(&dyn Backend, &str) -> kv::Result<T> + Send + 'static,
    ) -> Result<Result<T, Error>> {
        let label = self.label(bucket)?;
        let outcome = kv::call(self.app.stores.clone(), move |backend| call(backend, &label)).await;
        Ok(outcome.map_err(Error::from))
    }
}

impl store::Host for Guest {
    async fn open(&mut self, label: String) -> Result<Result<Resource<Store>, Error>> {
        if !self.app.labels.contains(&label) {
            return Ok(Err(Error::AccessDenied));
        }
        Ok(Ok(self.table.push(Store(label))?))
    }
}

impl store::HostBucket for Guest {
    async fn get(&mut self, bucket: Resource<Store>, key: String) -> Result<Result<Option<Vec<u8>>, Error>> {
        self.stored(&bucket, move |backend, store| backend.get(store, &key))
            .await
    }

    async fn set(&mut self, bucket: Resource<Store>, key: String, value: Vec<u8>) -> Result<Result<(), Error>> {
        self.stored(&bucket, move |backend, store| backend.set(store, &key, &value))
            .await
    }

    async fn delete(&mut self, bucket: Resource<Store>, key: String) -> Result<Result<(), Error>> {
        self.stored(&bucket, move |backend, store| backend.delete(store, &key))
            .await
    }

    async fn exists(&mut self, bucket: Resource<Store>, key: String) -> Result<Result<bool, Error>> {
        self.stored(&bucket, move |backend, store| Ok(backend.get(store, &key)?.is_some()))
            .await
    }

    async fn list_keys(
        &mut self,
        bucket: Resource<Store>,
        cursor: Option<String>,
    ) -> Result<Result<KeyResponse, Error>> {
        if cursor.is_some() {
            return Ok(Err(Error::Other(
                "every list is whole: there is no cursor to go on from".to_owned(),
            )));
        }
        let keys = self.stored(&bucket, |backend, store| backend.keys(store)).await?;
        Ok(keys.map(|keys| KeyResponse { keys, cursor: None }))
    }

    async fn drop(&mut self, bucket: Resource<Store>) -> Result<()> {
        self.table.delete(bucket)?;
        Ok(())
    }
}

impl batch::Host for Guest {
    async fn get_many(
        &mut self,
        bucket: Resource<Store>,
        keys: Vec<String>,
    ) -> Result<Result<Vec<(String, Option<Vec<u8>>)>, Error>> {
        self.stored(&bucket, move |backend, store| {
            keys.into_iter()
                .map(|key| backend.get(store, &key).map(|value| (key, value)))
                .collect()
        })
        .await
    }

    async fn set_many(&mut self, bucket: Resource<Store>, pairs: Vec<(String, Vec<u8>)>) -> Result<Result<(), Error>> {
        self.stored(&bucket, move |backend, store| {
            pairs.iter().try_for_each(|(key, value)| backend.set(store, key, value))
        })
        .await
    }

    async fn delete_many(&mut self, bucket: Resource<Store>, keys: Vec<String>) -> Result<Result<(), Error>> {
        self.stored(&bucket, move |backend, store| {
            keys.iter().try_for_each(|key| backend.delete(store, key))
        })
        .await
    }
}

impl atomics::HostCas for Guest {
    async fn new(&mut self, bucket: Resource<Store>, key: String) -> Result<Result<Resource<Cas>, Error>> {
        let store = self.label(&bucket)?;
        Ok(Ok(self.table.push(Cas { store, key, seen: None })?))
    }

    async fn current(&mut self, handle: Resource<Cas>) -> Result<Result<Option<Vec<u8>>, Error>> {
        let cas = self.table.get(&handle)?;
        let (store, key) = (cas.store.clone(), cas.key.clone());
        let read = kv::call(self.app.stores.clone(), move |backend| backend.get(&store, &key)).await;
        if let Ok(value) = &read {
            self.table.get_mut(&handle)?.seen = Some(value.clone());
        }
        Ok(read.map_err(Error::from))
    }

    async fn drop(&mut self, handle: Resource<Cas>) -> Result<()> {
        self.table.delete(handle)?;
        Ok(())
    }
}

impl atomics::Host for Guest {
    async fn increment(&mut self, bucket: Resource<Store>, key: String, delta: i64) -> Result<Result<i64, Error>> {
        self.stored(&bucket, move |backend, store| backend.increment(store, &key, delta))
            .await
    }

    async fn swap(&mut self, handle: Resource<Cas>, value: Vec<u8>) -> Result<Result<(), CasError>> {
        // The function takes its handle for good: whoever answers it must free it.
        let Cas { store, key, seen } = self.table.delete(handle)?;
        let Some(seen) = seen else {
            let reason = "`swap` without `current` has nothing to compare with";
            return Ok(Err(CasError::StoreError(Error::Other(reason.to_owned()))));
        };
        // A swap that failed comes back with the value that is there now.
        let swapped = kv::call(self.app.stores.clone(), move |backend| {
            if backend.swap(&store, &key, seen.as_deref(), &value)? {
                return Ok(None);
            }
            let seen = Some(backend.get(&store, &key)?);
            Ok(Some(Cas { store, key, seen }))
        });
        Ok(match swapped.await {
            Ok(None) => Ok(()),
            Ok(Some(again)) => Err(CasError::CasFailed(self.table.push(again)?)),
            Err(error) => Err(CasError::StoreError(error.into())),
        })
    }
}
