//! The codes, stable and never reused: HQ01 syntax, HQ02 names, HQ03 types and units,
//! HQ04 clauses and policies, HQ05 evaluation, HQ06 data, HQ07 tests, HQ08 files and commands.

macro_rules! codes {
    ($($name:ident = $text:literal),* $(,)?) => {
        /// The stable code of a diagnostic.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "the catalogue documents each code")]
        #[non_exhaustive]
        pub enum Code { $($name),* }

        impl Code {
            /// All codes in order.
            pub const ALL: &'static [Code] = &[$(Code::$name),*];

            /// The code as shown: `HQ0201`.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $text),* }
            }
        }
    };
}

codes! {
    // Syntax.
    UnexpectedText = "HQ0101",
    UnclosedBrace = "HQ0102",
    ExtraBrace = "HQ0103",
    UnclosedQuote = "HQ0104",
    BadDateForm = "HQ0105",
    NoSuchDate = "HQ0106",
    BadNumber = "HQ0107",
    TooDeep = "HQ0108",
    TooLarge = "HQ0109",
    BadCharacter = "HQ0110",
    ReservedName = "HQ0111",
    GluedKeyword = "HQ0112",
    TrailingText = "HQ0113",
    UnknownStatement = "HQ0114",
    // Names.
    UnknownName = "HQ0201",
    DuplicateName = "HQ0202",
    DefinitionCycle = "HQ0203",
    UnknownUnit = "HQ0204",
    UnknownRecord = "HQ0205",
    UnknownClause = "HQ0206",
    UnknownLevel = "HQ0207",
    AmbiguousName = "HQ0208",
    NotAField = "HQ0209",
    InferredFact = "HQ0210",
    LookalikeName = "HQ0211",
    UnknownPending = "HQ0212",
    GluedName = "HQ0213",
    // Types and units.
    TypeMismatch = "HQ0301",
    UnitMismatch = "HQ0302",
    OperandMismatch = "HQ0303",
    NotANumber = "HQ0304",
    NotACondition = "HQ0305",
    NotAList = "HQ0306",
    NotByPeriod = "HQ0307",
    DivisionByZero = "HQ0308",
    BareNumberForMoney = "HQ0309",
    CannotInfer = "HQ0310",
    RateOfSum = "HQ0311",
    Overflow = "HQ0312",
    MultipleOfBase = "HQ0313",
    // Clauses and policies.
    NoAward = "HQ0401",
    TwoAwards = "HQ0402",
    UnreachableRow = "HQ0403",
    MissingLevel = "HQ0404",
    OverlappingBracket = "HQ0405",
    RateWithoutKind = "HQ0406",
    MixedBracket = "HQ0407",
    EmptyTable = "HQ0408",
    DuplicateProperty = "HQ0409",
    EmptyRange = "HQ0410",
    DatedOrder = "HQ0411",
    EachWithoutList = "HQ0412",
    SettleConflict = "HQ0413",
    UnboundedAward = "HQ0414",
    ModifierOrder = "HQ0415",
    NeverTrue = "HQ0416",
    CapNeverBinds = "HQ0417",
    WrongRecipient = "HQ0418",
    ShareMismatch = "HQ0419",
    NoPolicy = "HQ0420",
    OverridesCycle = "HQ0421",
    NoBudget = "HQ0422",
    ImpossibleFigure = "HQ0423",
    UnknownPayer = "HQ0424",
    // Evaluation.
    NumberTooLarge = "HQ0501",
    DividedByZero = "HQ0502",
    NegativeAward = "HQ0503",
    NoBudgetOfPeriod = "HQ0504",
    // Data.
    UnreadableFile = "HQ0601",
    UnknownEncoding = "HQ0602",
    EmptyFile = "HQ0603",
    UnknownColumn = "HQ0604",
    DuplicateColumn = "HQ0605",
    MissingKey = "HQ0606",
    DuplicateKey = "HQ0607",
    BadCell = "HQ0608",
    CheckFailed = "HQ0609",
    RaggedRow = "HQ0610",
    OrphanRow = "HQ0611",
    BadJson = "HQ0612",
    EncodingGuessed = "HQ0613",
    UnknownFormat = "HQ0614",
    NegativeCell = "HQ0615",
    ConflictingCell = "HQ0616",
    UnclosedCell = "HQ0617",
    UnmatchedFile = "HQ0618",
    DataLimit = "HQ0619",
    AmbiguousOwner = "HQ0620",
    AmbiguousList = "HQ0621",
    UnknownHistoryClause = "HQ0622",
    NegativePayment = "HQ0623",
    DuplicatePayment = "HQ0624",
    HistoryOfNobody = "HQ0625",
    UnknownSheet = "HQ0626",
    UnusedSheet = "HQ0627",
    IncompleteList = "HQ0628",
    // Tests.
    ExpectationFailed = "HQ0701",
    UnknownTestCell = "HQ0702",
    TestOutsideForce = "HQ0703",
    // Files and commands.
    FileNotFound = "HQ0801",
    UseCycle = "HQ0802",
    OutsideFolder = "HQ0803",
    NotUtf8 = "HQ0804",
    BadOption = "HQ0805",
    NoSuchKey = "HQ0806",
    NotCarriedOut = "HQ0807",
    UnwritableFile = "HQ0808",
    EmptyPolicy = "HQ0809",
    HistoryNotAppended = "HQ0810",
    NotFormatted = "HQ0811",
    NoAnswer = "HQ0812",
}

impl Code {
    /// The code that is shown as `text`, whatever its letter case.
    pub fn from_text(text: &str) -> Option<Code> {
        Code::ALL.iter().copied().find(|code| code.as_str().eq_ignore_ascii_case(text))
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
