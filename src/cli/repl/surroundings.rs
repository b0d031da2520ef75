//! What a session needs of this machine: files read, data loaded, the sample city laid out.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::cli::arguments::Evaluation;
use crate::cli::{evaluation, project};
use crate::diagnostic::Diagnostic;
use crate::policies::{Basis, Policies};
use crate::progress::Progress;
use crate::repl::{Records, Surroundings};

/// The sample city, which is part of the program: it is there wherever the program is.
const CITY: [(&str, &[u8]); 9] = [
    ("企业.csv", include_bytes!("../../../policies/sample/企业.csv")),
    ("企业-荣誉.csv", include_bytes!("../../../policies/sample/企业-荣誉.csv")),
    ("项目.csv", include_bytes!("../../../policies/sample/项目.csv")),
    ("订单.csv", include_bytes!("../../../policies/sample/订单.csv")),
    ("产品.csv", include_bytes!("../../../policies/sample/产品.csv")),
    ("县区.csv", include_bytes!("../../../policies/sample/县区.csv")),
    ("承办单位.csv", include_bytes!("../../../policies/sample/承办单位.csv")),
    ("引入企业.csv", include_bytes!("../../../policies/sample/引入企业.csv")),
    ("历史.csv", include_bytes!("../../../policies/sample/历史.csv")),
];
const VOCABULARY: (&str, &[u8]) = ("vocabulary.hq", include_bytes!("../../../policies/vocabulary.hq"));

/// This machine.
pub(super) struct Machine {
    root: Option<PathBuf>,
    /// Encoding and the like; the data is named by the session.
    options: Evaluation,
    /// Where the sample city lies, once somebody asked for it.
    city: Mutex<Option<tempfile::TempDir>>,
}

impl Machine {
    pub fn new(root: Option<PathBuf>, options: Evaluation) -> Machine {
        Machine { root, options, city: Mutex::default() }
    }
}

impl Surroundings for Machine {
    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    fn root(&self, files: &[PathBuf]) -> PathBuf {
        self.root.clone().unwrap_or_else(|| project::root_of(files))
    }

    fn load(
        &self,
        policies: &Policies,
        named: &[String],
        basis: &Basis,
        progress: &Arc<Progress>,
    ) -> Result<Records, Vec<Diagnostic>> {
        let (program, bindings) = policies.bindings(basis)?;
        let options = Evaluation { data: named.to_vec(), ..self.options.clone() };
        let inputs = evaluation::inputs(&program, &options).map_err(|wrong| vec![*wrong])?;
        let (loaded, faulty) = evaluation::gather(policies, (&program, &bindings), basis, (&inputs, false), progress);
        if progress.is_stopped() {
            // What was read is half of it, and nobody waits for it.
            return Err(Vec::new());
        }
        let (anybodys, faulty) = (faulty.may_be_anybodys, faulty.recipients.into_iter().collect());
        Ok(Records::new(loaded, faulty, anybodys))
    }

    fn sample(&self) -> std::io::Result<(PathBuf, Vec<String>)> {
        let mut city = self.city.lock().unwrap_or_else(PoisonError::into_inner);
        if city.is_none() {
            let folder = tempfile::Builder::new().prefix("huiqi-").tempdir()?;
            for (name, bytes) in CITY.iter().chain([&VOCABULARY]) {
                std::fs::write(folder.path().join(name), bytes)?;
            }
            *city = Some(folder);
        }
        let Some(folder) = city.as_ref() else { return Err(std::io::ErrorKind::NotFound.into()) };
        let at = |name: &str| folder.path().join(name);
        let data = CITY.iter().map(|(name, _)| at(name).display().to_string()).collect();
        Ok((at(VOCABULARY.0), data))
    }
}
