//! The histories of all customers, and the model that scores them.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use winback::log::CustomerHistory;
use winback::{ChurnModel, Error, Result};

/// A history, and the number of the model that it fits.
type Customer = Arc<Mutex<(u64, CustomerHistory)>>;

pub(crate) struct Customers {
    model_file: PathBuf,
    model: RwLock<(u64, Arc<ChurnModel>)>,
    histories: RwLock<HashMap<String, Customer>>,
}

/// A panic of another request leaves nothing half done here.
fn locked(customer: &Customer) -> MutexGuard<'_, (u64, CustomerHistory)> {
    customer.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The history as a model reads it. One that reads attributes is refused, for nobody sets them here.
fn adopted(model: &ChurnModel, history: &CustomerHistory) -> Result<CustomerHistory> {
    let adopted = model.adopt(history)?;
    match adopted.unset_attributes.first() {
        None => Ok(adopted.history),
        Some(name) => Err(Error::argument("model", name, "one that reads no attributes")),
    }
}

impl Customers {
    /// Those that were saved, if any were.
    pub(crate) fn restored(model_file: PathBuf, state: &Path) -> Result<Self> {
        let model = ChurnModel::load(&model_file)?;
        let mut histories = HashMap::new();
        let saved = if state.exists() { fs::read(state) } else { Ok(Vec::new()) };
        let saved = saved.map_err(|error| Error::io(state, error))?;
        let mut rest = saved.as_slice();
        while !rest.is_empty() {
            let id_and_bytes = field(&mut rest).zip(field(&mut rest));
            let cut = || Error::io(state, io::ErrorKind::UnexpectedEof.into());
            let (id, bytes) = id_and_bytes.ok_or_else(cut)?;
            let history = adopted(&model, &CustomerHistory::from_bytes(bytes)?)?;
            let id = String::from_utf8_lossy(id).into_owned();
            histories.insert(id, Arc::new(Mutex::new((0, history))));
        }
        let model = RwLock::new((0, Arc::new(model)));
        Ok(Customers { model_file, model, histories: RwLock::new(histories) })
    }

    /// Writes all histories beside the file, which they then replace as a whole.
    pub(crate) fn save(&self, state: &Path) -> io::Result<()> {
        let mut out = Vec::new();
        for (id, customer) in &*self.histories.read().unwrap_or_else(PoisonError::into_inner) {
            for field in [id.as_bytes(), &locked(customer).1.to_bytes()] {
                out.extend((field.len() as u64).to_le_bytes());
                out.extend(field);
            }
        }
        let aside = state.with_extension("new");
        fs::write(&aside, out)?;
        fs::rename(aside, state)
    }

    pub(crate) fn len(&self) -> usize {
        self.histories.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Works on the history of a customer, who is a new one if nobody has the id; it fits the model.
    pub(crate) fn with_new<T>(
        &self,
        id: &str,
        work: impl FnOnce(&ChurnModel, &mut CustomerHistory) -> Result<T>,
    ) -> Result<T> {
        let known = self.known(id);
        let customer = known.unwrap_or_else(|| {
            let (number, model) = self.model();
            let new = || Arc::new(Mutex::new((number, model.customer_history())));
            let mut all = self.histories.write().unwrap_or_else(PoisonError::into_inner);
            all.entry(id.to_owned()).or_insert_with(new).clone()
        });
        self.with(&customer, work)
    }

    /// As `with_new`; none if nobody has the id.
    pub(crate) fn with_known<T>(
        &self,
        id: &str,
        work: impl FnOnce(&ChurnModel, &mut CustomerHistory) -> Result<T>,
    ) -> Result<Option<T>> {
        self.known(id).map(|customer| self.with(&customer, work)).transpose()
    }

    fn with<T>(
        &self,
        customer: &Customer,
        work: impl FnOnce(&ChurnModel, &mut CustomerHistory) -> Result<T>,
    ) -> Result<T> {
        let mut own = locked(customer);
        let (number, model) = self.model();
        if own.0 != number {
            *own = (number, adopted(&model, &own.1)?);
        }
        work(&model, &mut own.1)
    }

    fn known(&self, id: &str) -> Option<Customer> {
        self.histories.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    fn model(&self) -> (u64, Arc<ChurnModel>) {
        self.model.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes the model from its file again, unless some history cannot be made to fit it; requests go
    /// on meanwhile, and each history is made to fit when it is next used.
    pub(crate) fn reload(&self) -> Result<u64> {
        let model = Arc::new(ChurnModel::load(&self.model_file)?);
        let all = self.histories.read().unwrap_or_else(PoisonError::into_inner).clone();
        all.values().try_for_each(|customer| adopted(&model, &locked(customer).1).map(drop))?;
        let mut own = self.model.write().unwrap_or_else(PoisonError::into_inner);
        *own = (own.0 + 1, model);
        Ok(own.0)
    }
}

/// The next field of a file of them.
fn field<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, after) = rest.split_first_chunk::<8>()?;
    let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
    let (own, after) = after.split_at_checked(length)?;
    *rest = after;
    Some(own)
}
