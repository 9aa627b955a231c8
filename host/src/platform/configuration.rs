//! `spin:variables@3.0.0` and `wasi:config`: two ways to read the same variables.
use super::Platform;
use super::bindings::spin::variables::variables;
use super::bindings::wasi::config::store;
use crate::instance::Guest;
use crate::manifest::variable_name;
use wasmtime::Result;
use wasmtime::component::Accessor;

impl variables::Host for Guest {}

impl<T: Send> variables::HostWithStore<T> for Platform {
    async fn get(accessor: &Accessor<T, Self>, name: String) -> Result<Result<String, variables::Error>> {
        let value = accessor.with(|mut access| access.get().app.variables.get(&name).cloned());
        Ok(value.ok_or_else(|| match variable_name(&name) {
            true => variables::Error::Undefined(name),
            false => variables::Error::InvalidName(name),
        }))
    }
}

impl store::Host for Guest {
    fn get(&mut self, name: String) -> Result<Result<Option<String>, store::Error>> {
        Ok(Ok(self.app.variables.get(&name).cloned()))
    }

    fn get_all(&mut self) -> Result<Result<Vec<(String, String)>, store::Error>> {
        Ok(Ok(self
            .app
            .variables
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()))
    }
}
