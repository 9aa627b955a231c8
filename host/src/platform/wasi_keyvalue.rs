//! `wasi:keyvalue@0.2.0-draft2`: stores, atomic increments, compare-and-swap, batches.
use super::bindings::wasi::keyvalue::atomics::{self, CasError};
use super::bindings::wasi::keyvalue::batch;
use super::bindings::wasi::keyvalue::store::{self, Error, KeyResponse};
use super::{Cas, Store};
use crate::instance::Guest;
use crate::kv;
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
}

impl store::Host for Guest {
    fn open(&mut self, label: String) -> Result<Result<Resource<Store>, Error>> {
        if !self.app.labels.contains(&label) {
            return Ok(Err(Error::AccessDenied));
        }
        Ok(Ok(self.table.push(Store(label))?))
    }
}

impl store::HostBucket for Guest {
    fn get(&mut self, bucket: Resource<Store>, key: String) -> Result<Result<Option<Vec<u8>>, Error>> {
        Ok(self.app.stores.get(&self.label(&bucket)?, &key).map_err(Error::from))
    }

    fn set(&mut self, bucket: Resource<Store>, key: String, value: Vec<u8>) -> Result<Result<(), Error>> {
        Ok(self
            .app
            .stores
            .set(&self.label(&bucket)?, &key, &value)
            .map_err(Error::from))
    }

    fn delete(&mut self, bucket: Resource<Store>, key: String) -> Result<Result<(), Error>> {
        Ok(self.app.stores.delete(&self.label(&bucket)?, &key).map_err(Error::from))
    }

    fn exists(&mut self, bucket: Resource<Store>, key: String) -> Result<Result<bool, Error>> {
        Ok(self
            .app
            .stores
            .get(&self.label(&bucket)?, &key)
            .map(|value| value.is_some())
            .map_err(Error::from))
    }

    fn list_keys(&mut self, bucket: Resource<Store>, cursor: Option<String>) -> Result<Result<KeyResponse, Error>> {
        if cursor.is_some() {
            return Ok(Err(Error::Other(
                "every list is whole: there is no cursor to go on from".to_owned(),
            )));
        }
        let keys = self.app.stores.keys(&self.label(&bucket)?);
        Ok(keys.map(|keys| KeyResponse { keys, cursor: None }).map_err(Error::from))
    }

    fn drop(&mut self, bucket: Resource<Store>) -> Result<()> {
        self.table.delete(bucket)?;
        Ok(())
    }
}

impl batch::Host for Guest {
    fn get_many(
        &mut self,
        bucket: Resource<Store>,
        keys: Vec<String>,
    ) -> Result<Result<Vec<(String, Option<Vec<u8>>)>, Error>> {
        let label = self.label(&bucket)?;
        let read = |key: String| self.app.stores.get(&label, &key).map(|value| (key, value));
        Ok(keys
            .into_iter()
            .map(read)
            .collect::<kv::Result<_>>()
            .map_err(Error::from))
    }

    fn set_many(&mut self, bucket: Resource<Store>, pairs: Vec<(String, Vec<u8>)>) -> Result<Result<(), Error>> {
        let label = self.label(&bucket)?;
        let written = pairs
            .iter()
            .try_for_each(|(key, value)| self.app.stores.set(&label, key, value));
        Ok(written.map_err(Error::from))
    }

    fn delete_many(&mut self, bucket: Resource<Store>, keys: Vec<String>) -> Result<Result<(), Error>> {
        let label = self.label(&bucket)?;
        Ok(keys
            .iter()
            .try_for_each(|key| self.app.stores.delete(&label, key))
            .map_err(Error::from))
    }
}

impl atomics::HostCas for Guest {
    fn new(&mut self, bucket: Resource<Store>, key: String) -> Result<Result<Resource<Cas>, Error>> {
        let store = self.label(&bucket)?;
        Ok(Ok(self.table.push(Cas { store, key, seen: None })?))
    }

    fn current(&mut self, handle: Resource<Cas>) -> Result<Result<Option<Vec<u8>>, Error>> {
        let cas = self.table.get_mut(&handle)?;
        Ok(match self.app.stores.get(&cas.store, &cas.key) {
            Ok(value) => {
                cas.seen = Some(value.clone());
                Ok(value)
            }
            Err(error) => Err(error.into()),
        })
    }

    fn drop(&mut self, handle: Resource<Cas>) -> Result<()> {
        self.table.delete(handle)?;
        Ok(())
    }
}

impl atomics::Host for Guest {
    fn increment(&mut self, bucket: Resource<Store>, key: String, delta: i64) -> Result<Result<i64, Error>> {
        Ok(self
            .app
            .stores
            .increment(&self.label(&bucket)?, &key, delta)
            .map_err(Error::from))
    }

    fn swap(&mut self, handle: Resource<Cas>, value: Vec<u8>) -> Result<Result<(), CasError>> {
        // The function takes its handle for good: whoever answers it must free it.
        let cas = self.table.delete(handle)?;
        let failed = |error: Error| Ok(Err(CasError::StoreError(error)));
        let Some(seen) = cas.seen else {
            return failed(Error::Other(
                "`swap` without `current` has nothing to compare with".to_owned(),
            ));
        };
        match self.app.stores.swap(&cas.store, &cas.key, seen.as_deref(), &value) {
            Ok(true) => Ok(Ok(())),
            Ok(false) => match self.app.stores.get(&cas.store, &cas.key) {
                Ok(now) => Ok(Err(CasError::CasFailed(
                    self.table.push(Cas { seen: Some(now), ..cas })?,
                ))),
                Err(error) => failed(error.into()),
            },
            Err(error) => failed(error.into()),
        }
    }
}
