//! A bar on the terminal for what takes longer than a second: how far it is, at what rate,
//! and how long it will still take. Nothing where stderr is no terminal. Work of one stage
//! is measured by itself; a line of the prompt, of many short ones, from its beginning.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{DecimalBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::diagnostic::Language;
use crate::progress::{Progress, Stage};

/// What takes less is over before a bar could be read.
const SHOWN_AFTER: Duration = Duration::from_secs(1);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// A watch over a run; the bar goes when it is dropped.
pub(super) struct Watch {
    running: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Watch {
    /// Watches what is done, on a terminal.
    pub fn over(progress: &Arc<Progress>, language: Language) -> Watch {
        Watch::with(Bar::default(), progress, language)
    }

    /// Watches a line of the prompt, whatever it does.
    pub fn over_line(progress: &Arc<Progress>, language: Language) -> Watch {
        Watch::with(Bar { line: Some(Instant::now()), ..Bar::default() }, progress, language)
    }

    fn with(mut bar: Bar, progress: &Arc<Progress>, language: Language) -> Watch {
        if !std::io::stderr().is_terminal() {
            return Watch { running: None };
        }
        let (stop, stopped) = channel::<()>();
        let progress = Arc::clone(progress);
        // Without a thread there is no bar, and nothing else is lost.
        let thread = std::thread::Builder::new().spawn(move || {
            while stopped.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
                bar.show(&progress, language);
            }
            bar.clear();
        });
        Watch { running: thread.ok().map(|thread| (stop, thread)) }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            drop(stop);
            // What is printed next must not meet the bar.
            let _ = thread.join();
        }
    }
}

/// The bar of the present stage.
#[derive(Default)]
struct Bar {
    /// Since when a line of the prompt is being carried out.
    line: Option<Instant>,
    stage: Stage,
    since: Option<Instant>,
    drawn: Option<ProgressBar>,
}

impl Bar {
    fn show(&mut self, progress: &Progress, language: Language) {
        let (stage, done, total) = progress.now();
        if stage != self.stage {
            self.clear();
            self.stage = stage;
            self.since = None;
        }
        let since = *self.since.get_or_insert_with(Instant::now);
        let is_idle = stage == Stage::Idle && self.line.is_none();
        if is_idle || self.line.unwrap_or(since).elapsed() < SHOWN_AFTER {
            return;
        }
        let bar = self.drawn.get_or_insert_with(|| {
            let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
            bar.with_prefix(doing(stage, language))
        });
        // Before the first and after the last piece there is nothing to reckon with.
        let is_under_way = done > 0 && done < total && since.elapsed() >= LOOK_EVERY;
        let template = if is_under_way { "{prefix} {bar:30} {msg}" } else { "{prefix} {spinner} {msg}" };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(if is_under_way {
            under_way(stage, (done, total), since.elapsed(), language)
        } else {
            let seconds = self.line.unwrap_or(since).elapsed().as_secs();
            language.pick(format!("已用 {seconds} 秒"), format!("{seconds} s so far"))
        });
        bar.set_position(done);
        bar.tick();
    }

    fn clear(&mut self) {
        if let Some(bar) = self.drawn.take() {
            bar.finish_and_clear();
        }
    }
}

fn doing(stage: Stage, language: Language) -> &'static str {
    match stage {
        Stage::Loading => language.pick("读取数据", "loading"),
        // What a line does between its stages is reckoning too.
        Stage::Idle | Stage::Evaluating => language.pick("计算", "evaluating"),
        Stage::Settling => language.pick("结算", "settling"),
        Stage::Writing => language.pick("写入结果", "writing"),
    }
}

/// How much is done, at what rate, and how long the rest takes at this rate.
fn under_way(stage: Stage, (done, total): (u64, u64), since: Duration, language: Language) -> String {
    let millis = since.as_millis().max(1);
    let a_second = u64::try_from(u128::from(done) * 1000 / millis).unwrap_or(u64::MAX);
    let left = u128::from(total.saturating_sub(done)) * millis / u128::from(done.max(1));
    let left = left.div_ceil(1000);
    let left = language.pick(format!("还要 {left} 秒"), format!("{left} s left"));
    match stage {
        Stage::Loading => {
            let (done, total, rate) = (DecimalBytes(done), DecimalBytes(total), DecimalBytes(a_second));
            language.pick(
                format!("{done}/{total}，每秒 {rate}，{left}"),
                format!("{done}/{total}, {rate} a second, {left}"),
            )
        }
        Stage::Settling => language.pick(format!("{done}/{total} 步，{left}"), format!("{done}/{total} steps, {left}")),
        _ => language.pick(
            format!("{done}/{total} 户，每秒 {a_second} 户，{left}"),
            format!("{done}/{total} recipients, {a_second} a second, {left}"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_and_time_left_are_those_of_the_stage_so_far() {
        let told = |stage, language| under_way(stage, (2_000_000, 5_000_000), Duration::from_secs(4), language);
        assert_eq!(told(Stage::Loading, Language::Chinese), "2.00 MB/5.00 MB，每秒 500.00 kB，还要 6 秒");
        assert_eq!(told(Stage::Writing, Language::English), "2000000/5000000 recipients, 500000 a second, 6 s left");
        let told = under_way(Stage::Settling, (1, 3), Duration::from_millis(1100), Language::Chinese);
        assert_eq!(told, "1/3 步，还要 3 秒");
    }
}
