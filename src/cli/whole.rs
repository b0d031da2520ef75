//! Files that are complete or absent: written beside their place, moved there at the end.
//!
//! A file is begun before the work, so that a folder that cannot be written to is told at
//! once. What was begun is taken away when the program fails, and when it is interrupted.
//! A file is on the disk before it is moved; a large one goes there while more is made ready.

use std::fs::File;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use tempfile::NamedTempFile;

use crate::diagnostic::{Argument, Code, Diagnostic};

/// The exit code of a program that Ctrl-C, or another signal to end, ended.
const INTERRUPTED: i32 = 130;

/// What has been begun and is not yet in its place.
static BEGUN: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// A file on its way to its place.
#[derive(Debug)]
pub(super) struct Begun {
    /// None only while it is being moved.
    writer: Option<BufWriter<NamedTempFile>>,
    beside: PathBuf,
    place: PathBuf,
    /// Bytes that nobody has sent to the disk yet.
    unsent: usize,
    sending: Option<Sending>,
}

/// Bytes after which those written so far are sent to the disk.
const SENT_TOGETHER: usize = 8 << 20;

/// A thread that sends a file to the disk whenever it is asked to.
#[derive(Debug)]
struct Sending {
    ask: SyncSender<()>,
    thread: JoinHandle<()>,
}

impl Sending {
    /// None where there is no such thread: then everything is sent at the end.
    fn of(file: &File) -> Option<Sending> {
        let file = file.try_clone().ok()?;
        let (ask, asked) = sync_channel(1);
        let send = move || {
            for () in asked {
                // What fails here fails again at the end, where it is told.
                let _ = file.sync_data();
            }
        };
        let thread = std::thread::Builder::new().spawn(send).ok()?;
        Some(Sending { ask, thread })
    }

    fn finish(self) {
        drop(self.ask);
        // It has nothing to say.
        let _ = self.thread.join();
    }
}

impl Begun {
    /// Begins a file beside its place.
    pub fn at(path: &Path) -> std::io::Result<Begun> {
        // A link stays a link.
        let place = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        match std::fs::metadata(&place) {
            Ok(there) if there.is_dir() => return Err(ErrorKind::IsADirectory.into()),
            // To be moved onto a device would be the end of it.
            Ok(there) if !there.is_file() => return Err(ErrorKind::InvalidInput.into()),
            Ok(there) if there.permissions().readonly() => return Err(ErrorKind::PermissionDenied.into()),
            _ => {}
        }
        super::interrupt::heed();
        let mut begun = begun();
        let file = beside(folder_of(&place))?;
        let beside = file.path().to_path_buf();
        begun.push(beside.clone());
        let writer = Some(BufWriter::with_capacity(1 << 16, file));
        Ok(Begun { writer, beside, place, unsent: 0, sending: None })
    }

    /// The folder in which it is written.
    pub fn folder(&self) -> &Path {
        folder_of(&self.place)
    }

    /// Moves the file to its place.
    pub fn finish(mut self) -> std::io::Result<()> {
        let Some(writer) = self.writer.take() else { return Ok(()) };
        let file = writer.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        if let Ok(there) = std::fs::metadata(&self.place) {
            file.as_file().set_permissions(there.permissions())?;
        }
        self.sending.take().into_iter().for_each(Sending::finish);
        file.as_file().sync_all()?;
        // An interruption waits until the file is moved.
        let _begun = begun();
        file.persist(&self.place).map_err(|error| error.error)?;
        Ok(())
    }
}

impl Write for Begun {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let Some(writer) = &mut self.writer else { return Ok(bytes.len()) };
        let written = writer.write(bytes)?;
        self.unsent = self.unsent.saturating_add(written);
        if self.unsent >= SENT_TOGETHER {
            self.unsent = 0;
            if self.sending.is_none() {
                self.sending = Sending::of(writer.get_ref().as_file());
            }
            // One that is still at it sends this too.
            let _ = self.sending.as_ref().map(|sending| sending.ask.try_send(()));
        }
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.writer.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        self.sending.take().into_iter().for_each(Sending::finish);
        if let Some(writer) = self.writer.take() {
            // What is still in the buffer is not written: the file goes.
            drop(writer.into_parts().0);
        }
        begun().retain(|path| *path != self.beside);
    }
}

fn begun() -> MutexGuard<'static, Vec<PathBuf>> {
    BEGUN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes away what is begun, and ends the program.
pub(super) fn tidy_and_end() -> ! {
    let begun = begun();
    for path in begun.iter() {
        let _ = std::fs::remove_file(path);
    }
    std::process::exit(INTERRUPTED);
}

/// The folder in which a file stands.
pub(super) fn folder_of(place: &Path) -> &Path {
    place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A file in this folder, with the rights that a new file gets.
pub(super) fn beside(folder: &Path) -> std::io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".huiqi-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

/// Why a file was not written, as the message says it.
#[derive(Debug)]
pub(super) struct Unwritten(Argument);

impl Unwritten {
    /// A reason in both languages.
    pub fn because(zh: impl Into<smol_str::SmolStr>, en: impl Into<smol_str::SmolStr>) -> Self {
        Unwritten(Argument::phrase(zh, en))
    }

    /// The message about a file.
    pub fn told(self, path: &Path) -> Diagnostic {
        Diagnostic::new(Code::UnwritableFile).with("file", path.display().to_string()).with("found", self.0)
    }
}

impl From<std::io::Error> for Unwritten {
    fn from(error: std::io::Error) -> Self {
        let (zh, en) = match error.kind() {
            ErrorKind::NotFound => ("没有这个文件夹", "there is no such folder"),
            ErrorKind::PermissionDenied => ("没有写入的权限", "it may not be written to"),
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                ("磁盘空间不够", "the disk has no room for it")
            }
            ErrorKind::InvalidInput => ("这不是普通文件", "it is no ordinary file"),
            ErrorKind::IsADirectory => ("这是一个文件夹", "it is a folder"),
            ErrorKind::NotADirectory => ("上一级不是文件夹", "what it stands in is no folder"),
            ErrorKind::ReadOnlyFilesystem => ("磁盘是只读的", "the disk is read-only"),
            _ => return Unwritten(Argument::from(error.to_string())),
        };
        Unwritten::because(zh, en)
    }
}
