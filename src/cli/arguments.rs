//! The command line as typed: subcommands and options, help in both languages.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// 惠企：惠企政策条款的语言。Huiqi: a language for enterprise support policies.
#[derive(Debug, Parser)]
#[command(name = "huiqi", version, about, long_about = None, arg_required_else_help = true)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// 消息的语言，缺省随系统 · language of messages, by default the locale's
    #[arg(long, global = true, value_enum)]
    pub lang: Option<Lang>,
    /// 是否用颜色，缺省仅在终端上用 · colour, by default on a terminal only
    #[arg(long, global = true, value_enum, default_value_t = When::Auto)]
    pub color: When,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// 检查政策文件，报告全部问题 · check policies and report everything found
    Check(Check),
    /// 对企业数据算出各条款的金额 · evaluate and settle policies over records
    Run(Run),
    /// 运行写在政策里的算例 · run the tests written in the language
    Test(Test),
    /// 逐步说明一户为何得、为何不得 · explain one recipient's amounts step by step
    Why(Why),
    /// 把每条条款读成一句话 · read each clause as a plain sentence
    Read(Read),
    /// 把政策文件整理成统一的版式；`--lang` 指定关键词用哪种语言 · lay policy files out; `--lang` names the language of their keywords
    Fmt(Fmt),
    /// 语言服务，由编辑器启动 · the language server, started by an editor
    Lsp,
    /// 一句一句地问：谁得、为何、改了会怎样 · a prompt: who gets it, why, what would change
    Repl(Prompt),
    /// 问一句就走，如 `huiqi ask "求和 合计 按 区县" 政策.hq --data 企业.csv` · one question, answered
    Ask(Ask),
    /// 列出政策需要哪些数据 · list the facts that the policies need
    Schema(Schema),
    /// 编造一批数据，在各条款的界线上下都有 · make up data, at and around every threshold of the policies
    Sample(Sample),
    /// 解释一个诊断代码 · explain the code of a diagnostic
    Explain {
        /// 代码，如 HQ0201；不写则列出全部 · a code such as HQ0201; without it all are listed
        code: Option<String>,
    },
    /// 输出命令补全脚本 · print a completion script
    Completions {
        /// 哪种 shell · for which shell
        shell: clap_complete::Shell,
    },
}

/// Language of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Lang {
    /// 中文
    Zh,
    /// English
    En,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// 在终端上 · on a terminal
    Auto,
    /// 总是 · always
    Always,
    /// 从不 · never
    Never,
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// 表格 · tables for people
    Table,
    /// 每行一个 JSON 对象 · one JSON object a line, for programs
    Json,
}

/// Policy files.
#[derive(Debug, Args)]
pub struct Files {
    /// 政策文件（.hq）或其所在文件夹 · policy files, or folders of them
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// `use` 可及的文件夹，缺省为当前文件夹 · the folder that `use` may reach, by default the current one
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
}

/// What is evaluated, and for when.
#[derive(Debug, Clone, Args)]
pub struct Evaluation {
    /// 数据文件：`路径`，或 `企业=路径`；可多次；工作表写作 `a.xlsx#表名` · data: a path, or `record=path`; may be repeated; a sheet: `a.xlsx#name`
    #[arg(long, value_name = "[RECORD=]PATH", num_args = 1..)]
    pub data: Vec<String>,
    /// 历史兑付记录；可多次 · the history of payments; may be repeated
    #[arg(long, value_name = "PATH")]
    pub history: Vec<PathBuf>,
    /// 结算批次的名称，缺省为评价期 · what history calls this settlement, by default its period
    #[arg(long, value_name = "NAME")]
    pub settlement: Option<String>,
    /// 评价期：2024、2023Q3、2023-07、2023-07-01..2023-09-30 · the period that is paid for
    #[arg(long = "in", value_name = "PERIOD")]
    pub period: Option<String>,
    /// 决定日 · the day of decision
    #[arg(long, value_name = "DATE")]
    pub on: Option<String>,
    /// 明确一个待定事项或参数：`名称=值`；可多次 · supply an open rule or parameter: `name=value`
    #[arg(long, value_name = "NAME=VALUE")]
    pub set: Vec<String>,
    /// 数据的文字编码，缺省自动判断 · encoding of text data, by default found out
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,
}

/// `huiqi check`
#[derive(Debug, Args)]
pub struct Check {
    #[command(flatten)]
    #[allow(missing_docs, reason = "flattened")]
    pub files: Files,
    /// 输出格式 · output format
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

/// Which engine computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EngineChoice {
    /// 由程序选 · the program chooses
    Auto,
    /// 逐行 · row by row
    Row,
    /// 按列 · by columns
    Batch,
}

impl From<EngineChoice> for crate::policies::Engine {
    fn from(choice: EngineChoice) -> Self {
        match choice {
            EngineChoice::Row => Self::Row,
            EngineChoice::Batch | EngineChoice::Auto => Self::Batch,
        }
    }
}

/// `huiqi run`
#[derive(Debug, Args)]
pub struct Run {
    #[command(flatten)]
    #[allow(missing_docs, reason = "flattened")]
    pub files: Files,
    #[command(flatten)]
    #[allow(missing_docs, reason = "flattened")]
    pub evaluation: Evaluation,
    /// 输出格式 · output format
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// 把每户每条的结果写入文件（.xlsx、.csv、.parquet 或 .jsonl） · write all rows to a file
    #[arg(long, short, value_name = "PATH")]
    pub output: Option<PathBuf>,
    /// 把支付表写入文件，每户一行、每条款一列（.csv 或 .parquet） · write the payments to a file, a row a recipient
    #[arg(long, value_name = "PATH")]
    pub payments: Option<PathBuf>,
    /// 按主体的某项事实汇总，如 `--by 区县`；可多次 · totals by a fact of the recipients; may be repeated
    #[arg(long, value_name = "FACT")]
    pub by: Vec<String>,
    /// 把汇总写入文件（.xlsx、.json 或 .csv） · write the report to a file
    #[arg(long, value_name = "PATH")]
    pub report: Option<PathBuf>,
    /// 逐行（row）还是按列（batch）计算，结果相同 · row by row or by columns, with the same results
    #[arg(long, value_enum, default_value_t = EngineChoice::Auto)]
    pub engine: EngineChoice,
    /// 用几个线程，缺省为处理器的核数；结果与线程数无关 · how many threads, by default one a core; results do not depend on it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// CSV 里的文字原样写出（给程序读的） · write text to CSV as it is, for programs
    #[arg(long)]
    pub exact_text: bool,
    /// 把本次支付写入历史（.csv、.tsv 或 .jsonl），缺省为 `--history` 的文件 · add what is paid to the history, by default to the file of `--history`
    #[arg(long, value_name = "PATH", num_args = 0..=1)]
    #[allow(clippy::option_option, reason = "without the option, without its value, with both")]
    pub append_history: Option<Option<PathBuf>>,
    /// 终端上每张表最多列出多少户（项），0 为全部 · at most how many recipients or values to list; 0 for all
    #[arg(long, default_value_t = 20, value_name = "N")]
    pub top: usize,
}

/// `huiqi test`
#[derive(Debug, Args)]
pub struct Test {
    #[command(flatten)]
    #[allow(missing_docs, reason = "flattened")]
    pub files: Files,
    /// 只运行名称含此文字的算例 · only tests whose name contains this
    #[arg(long, value_name = "TEXT")]
    pub only: Option<String>,
    /// 输出格式 · output format
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

/// `huiqi why`
#[derive(Debug, Args)]
pub struct Why {
    #[command(flatten)]
    #[allow(missing_docs, reason = "flattened")]
    pub files: Files,
    #[command(flatten)]
    #[allow(missing_docs, reason = "flattened")]
    pub evaluation: Evaluation,
    /// 哪一户（主键） · which recipient, by key
    #[arg(long, value_name = "KEY")]
    pub key: String,
    /// 只看这一条款 · only this clause
    #[arg(long, value_name = "CLAUSE")]
    pub clause: Option<String>,
    /// 输出格式 · output format
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

/// `huiqi read`
#[derive(Debug, Args)]
pub struct Read {
    #[command(flatten)]
    #[allow(missing_docs, reason = "flattened")]
    pub files: Files,
    /// 输出格式 · output format
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

/// `huiqi fmt`
#[derive(Debug, Args)]
pub struct Fmt {
    /// 政策文件（.hq）或其所在文件夹 · policy files, or folders of them
    #[arg(required_unless_present = "stdin", conflicts_with = "stdin", value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// 只列出要改动的文件，不写；有则退出码为 1 · write nothing, list what would change; exit code 1 if anything would
    #[arg(long)]
    pub check: bool,
    /// 从标准输入读，写到标准输出 · from the standard input to the standard output
    #[arg(long)]
    pub stdin: bool,
}

/// 提示符 · the prompt.
#[derive(Debug, Args)]
pub struct Prompt {
    #[command(flatten)]
    #[allow(missing_docs, reason = "flattened")]
    pub session: Repl,
    /// 不记下输入过的行（缺省记在用户数据文件夹，或 HUIQI_HISTORY 所指的文件） · do not keep the lines that are typed
    #[arg(long)]
    pub no_history: bool,
}

/// `huiqi repl`
#[derive(Debug, Args)]
pub struct Repl {
    /// 政策文件（.hq）或其所在文件夹 · policy files, or folders of them
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// `use` 可及的文件夹，缺省为当前文件夹 · the folder that `use` may reach, by default the current one
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    #[command(flatten)]
    #[allow(missing_docs, reason = "flattened")]
    pub evaluation: Evaluation,
    /// 输出格式 · output format
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

/// `huiqi ask`
#[derive(Debug, Args)]
pub struct Ask {
    /// 问题，写法与 `huiqi repl` 里一样；可以有几行 · what is asked, as at `huiqi repl`; may have several lines
    #[arg(value_name = "QUESTION")]
    pub question: String,
    #[command(flatten)]
    #[allow(missing_docs, reason = "flattened")]
    pub session: Repl,
}

/// `huiqi schema`
#[derive(Debug, Args)]
pub struct Schema {
    #[command(flatten)]
    #[allow(missing_docs, reason = "flattened")]
    pub files: Files,
    /// 样式：表格、JSON Schema、空白 CSV · a table, a JSON Schema, or a blank CSV form
    #[arg(long = "as", value_enum, default_value_t = SchemaStyle::Table)]
    pub style: SchemaStyle,
    /// 只要这一种主体或清单 · only this record type
    #[arg(long, value_name = "RECORD")]
    pub record: Option<String>,
}

/// `huiqi sample`
#[derive(Debug, Args)]
pub struct Sample {
    #[command(flatten)]
    #[allow(missing_docs, reason = "flattened")]
    pub files: Files,
    /// 多少户（行） · how many recipients
    #[arg(long, default_value_t = 200, value_name = "N")]
    pub rows: u64,
    /// 种子：种子与其余选项相同，得到的文件就相同 · the seed: the same seed and options give the same files
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub seed: u64,
    /// 文件夹，每种主体或清单一个文件；或者一个文件（.csv、.jsonl、.parquet） · a folder with a file for each record type, or one file
    #[arg(long, short, value_name = "PATH")]
    pub output: PathBuf,
    /// 文件夹里的文件用哪种格式 · the format of the files in the folder
    #[arg(long = "as", value_enum, default_value_t = SampleFormat::Csv)]
    pub format: SampleFormat,
    /// 评价期，日期围着它编造 · the period that is paid for, around which dates are made up
    #[arg(long = "in", value_name = "PERIOD")]
    pub period: Option<String>,
    /// 决定日 · the day of decision
    #[arg(long, value_name = "DATE")]
    pub on: Option<String>,
    /// 明确一个待定事项或参数：`名称=值`；可多次 · supply an open rule or parameter: `name=value`
    #[arg(long, value_name = "NAME=VALUE")]
    pub set: Vec<String>,
    /// 留空（未知）的占多少，如 2% · the share of facts left blank, unknown
    #[arg(long, default_value = "0%", value_name = "SHARE")]
    pub unknown: String,
    /// 政策用不到的事实也编造 · also facts that the policies do not ask for
    #[arg(long)]
    pub all: bool,
}

/// The format of made-up files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SampleFormat {
    /// 表格，清单另成一表 · tables, lists apart
    Csv,
    /// 每行一个 JSON 对象，清单套在里面 · one JSON object a line, with its lists
    Jsonl,
    /// Parquet 表格，清单另成一表 · Parquet tables, lists apart
    Parquet,
}

/// How a schema is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaStyle {
    /// 表格 · a table
    Table,
    /// JSON Schema
    Json,
    /// 空白 CSV 表头 · a blank CSV form
    Csv,
}
