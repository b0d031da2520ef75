// Words, numbers, dates, texts and ranges, cut as the language's own scanner cuts them.
//
// In: characters, and which tokens may stand here. Out: one token. A word is a whole run of
// letters and Chinese characters; it is a keyword only if the whole run is one, several
// words on one line being one keyword where the table says so. A keyword that can be a name
// is a name where no keyword may stand, before a colon or a slash, and, if it must have an
// operand, where none follows. There is no state: every token is decided where it stands.

#include "tree_sitter/parser.h"

#include <string.h>

typedef struct {
  const char *words;
  bool reserved;
  uint8_t count;
  uint8_t keywords[3];
} Form;

#include "keywords.h"

// In the order of `externals` in grammar.js; the keywords follow.
enum Token {
  NAME,
  BOUND_NAME,
  NUMBER,
  DATE,
  MONTH_DAY,
  TEXT,
  ARTICLE_NUMBER,
  CLAUSE_NUMBER,
  RANGE_SIGN,
  OPEN_RANGE_SIGN,
  LOGIC_COMMA,
  IN_IN_LINE_START,
  ROUND_IN_LINE_START,
  ERROR_SENTINEL,
  FIRST_KEYWORD,
};

// The longest form is far shorter; a longer word is no keyword.
#define MOST_BYTES 96

typedef struct {
  char bytes[MOST_BYTES];
  unsigned length;
  bool too_long;
} Buffer;

// ---------------------------------------------------------------- characters

static bool is_digit(int32_t c) { return (c >= '0' && c <= '9') || (c >= 0xFF10 && c <= 0xFF19); }

static bool is_letter(int32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= 0xFF21 && c <= 0xFF3A) ||
         (c >= 0xFF41 && c <= 0xFF5A) || (c >= 0xC0 && c <= 0xD6) || (c >= 0xD8 && c <= 0xF6) ||
         (c >= 0xF8 && c <= 0x52F);
}

// A Chinese character but 的.
static bool is_han(int32_t c) {
  return (c >= 0x4E00 && c <= 0x9FFF && c != 0x7684) || (c >= 0x3400 && c <= 0x4DBF) || c == 0x3007 ||
         c == 0x3005 || (c >= 0x2E80 && c <= 0x2FDF) || (c >= 0xF900 && c <= 0xFAFF) ||
         (c >= 0x20000 && c <= 0x323AF) || (c >= 0x3300 && c <= 0x33FF);
}

static bool is_blank(int32_t c) { return c == ' ' || c == 0x3000 || c == '\t' || c == 0xA0; }

static bool is_line_end(int32_t c) { return c == '\n' || c == '\r'; }

static bool is_dash(int32_t c) { return c == '-' || c == 0xFF0D; }

static bool is_point(int32_t c) { return c == '.' || c == 0xFF0E; }

static bool is_slash(int32_t c) { return c == '/' || c == 0xFF0F; }

static bool is_colon(int32_t c) { return c == ':' || c == 0xFF1A || c == 0x2236; }

static bool is_magnitude(int32_t c) {
  return c == 0x767E || c == 0x5343 || c == 0x4E07 || c == 0x4EBF;  // 百千万亿
}

// A digit or a Chinese numeral, as in 第十条.
static bool is_numeral(int32_t c) {
  switch (c) {
    case 0x4E00: case 0x4E8C: case 0x4E09: case 0x56DB: case 0x4E94: case 0x516D: case 0x4E03: case 0x516B:
    case 0x4E5D: case 0x5341: case 0x767E: case 0x96F6: case 0x3007:
      return true;
    default:
      return is_digit(c);
  }
}

static int32_t folded(int32_t c) {
  if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0;
  return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

static void advance(TSLexer *lexer) { lexer->advance(lexer, false); }

static void mark(TSLexer *lexer) { lexer->mark_end(lexer); }

static void skip_blanks(TSLexer *lexer) {
  while (is_blank(lexer->lookahead)) advance(lexer);
}

static void push(Buffer *buffer, int32_t c) {
  if (buffer->length + 5 > MOST_BYTES) {
    buffer->too_long = true;
    return;
  }
  char *end = buffer->bytes + buffer->length;
  if (c < 0x80) {
    end[0] = (char)c;
    buffer->length += 1;
  } else if (c < 0x800) {
    end[0] = (char)(0xC0 | (c >> 6));
    end[1] = (char)(0x80 | (c & 0x3F));
    buffer->length += 2;
  } else if (c < 0x10000) {
    end[0] = (char)(0xE0 | (c >> 12));
    end[1] = (char)(0x80 | ((c >> 6) & 0x3F));
    end[2] = (char)(0x80 | (c & 0x3F));
    buffer->length += 3;
  } else {
    end[0] = (char)(0xF0 | (c >> 18));
    end[1] = (char)(0x80 | ((c >> 12) & 0x3F));
    end[2] = (char)(0x80 | ((c >> 6) & 0x3F));
    end[3] = (char)(0x80 | (c & 0x3F));
    buffer->length += 4;
  }
}

// ---------------------------------------------------------------- words

// Letters first may hold digits until the first Chinese character.
static void read_word(TSLexer *lexer, Buffer *buffer) {
  if (is_letter(lexer->lookahead)) {
    while (is_letter(lexer->lookahead) || is_digit(lexer->lookahead) || lexer->lookahead == '_') {
      push(buffer, folded(lexer->lookahead));
      advance(lexer);
    }
  }
  while (is_han(lexer->lookahead) || is_letter(lexer->lookahead) || lexer->lookahead == '_') {
    push(buffer, folded(lexer->lookahead));
    advance(lexer);
  }
}

static bool begins_word(int32_t c) { return is_letter(c) || is_han(c); }

// The first form that is not below the buffer, in the order of bytes.
static unsigned form_at(const Buffer *buffer) {
  unsigned low = 0, high = sizeof FORMS / sizeof *FORMS;
  while (low < high) {
    unsigned middle = (low + high) / 2;
    int order = strncmp(FORMS[middle].words, buffer->bytes, buffer->length);
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

static const Form *form_of(const Buffer *buffer) {
  unsigned at = form_at(buffer);
  if (buffer->too_long || at == sizeof FORMS / sizeof *FORMS) return NULL;
  const char *words = FORMS[at].words;
  return strncmp(words, buffer->bytes, buffer->length) == 0 && words[buffer->length] == 0 ? &FORMS[at] : NULL;
}

// Whether a form goes on with a blank where the buffer ends.
static bool may_go_on(const Buffer *buffer) {
  Buffer longer = *buffer;
  push(&longer, ' ');
  unsigned at = form_at(&longer);
  return !longer.too_long && at < sizeof FORMS / sizeof *FORMS &&
         strncmp(FORMS[at].words, longer.bytes, longer.length) == 0;
}

static bool is_one_of(const Form *form, const uint8_t *keywords, unsigned count) {
  for (unsigned i = 0; i < form->count; i++)
    for (unsigned j = 0; j < count; j++)
      if (form->keywords[i] == keywords[j]) return true;
  return false;
}

#define AMONG(form, list) is_one_of(form, list, sizeof list / sizeof *list)

// Words that an operand must follow; where none does, they are names.
static const uint8_t BEFORE_OPERAND[] = {
    KEYWORD_AVERAGE,   KEYWORD_SMALLEST,  KEYWORD_LARGEST,    KEYWORD_LESSER,     KEYWORD_GREATER,
    KEYWORD_COUNT_OF,  KEYWORD_RANK,      KEYWORD_TOP,        KEYWORD_MATCH,      KEYWORD_MARGINAL,
    KEYWORD_SLAB,      KEYWORD_DAYS_FROM, KEYWORD_MONTHS_FROM, KEYWORD_YEARS_FROM, KEYWORD_YEAR_OF,
    KEYWORD_PAID_UNDER,
};

// Reserved words that begin an operand.
static const uint8_t OPENS_OPERAND[] = {
    KEYWORD_PENDING, KEYWORD_NONE, KEYWORD_YES, KEYWORD_NO, KEYWORD_NEWLY, KEYWORD_SUM,
    KEYWORD_ANY,     KEYWORD_EVERY, KEYWORD_ROUND, KEYWORD_BY,
};

// Words that begin a statement: behind a word that needs an operand they are none.
static const uint8_t OPENS_STATEMENT[] = {
    KEYWORD_AWARD,         KEYWORD_RECOVER,     KEYWORD_POLICY,         KEYWORD_ARTICLE,   KEYWORD_CLAUSE,
    KEYWORD_RECORD,        KEYWORD_UNIT,        KEYWORD_LET,            KEYWORD_USE,       KEYWORD_BIND,
    KEYWORD_PARAMETER,     KEYWORD_SETTLE,      KEYWORD_TEST,           KEYWORD_TITLE,     KEYWORD_DOCUMENT_NUMBER,
    KEYWORD_ISSUER,        KEYWORD_ISSUED,      KEYWORD_IN_FORCE,       KEYWORD_OVERRIDES, KEYWORD_BUDGET,
    KEYWORD_BUDGET_OF_YEAR, KEYWORD_ELIGIBLE_WHEN, KEYWORD_CONVENTION,  KEYWORD_LEAD,      KEYWORD_TEXT,
    KEYWORD_COMMITMENT,    KEYWORD_HIGHEST_AMONG, KEYWORD_NOT_TOGETHER, KEYWORD_EXCLUDE,   KEYWORD_SELECT,
    KEYWORD_LIMIT,         KEYWORD_GIVEN,       KEYWORD_EXPECT,
};

static const uint8_t BOUNDS[] = {KEYWORD_OR_MORE, KEYWORD_OR_LESS};
static const uint8_t INCLUSIONS[] = {KEYWORD_INCLUDED, KEYWORD_EXCLUDED};
static const uint8_t JOINING[] = {KEYWORD_AND, KEYWORD_OR};

// The words that follow on the same line as a keyword, as far as they have been read.
typedef struct {
  // What was read and does not belong to the keyword: a word, or nothing yet.
  Buffer next;
  bool was_read;
} Ahead;

// The form that the next words make, the longest; the token's end is marked behind it.
// A word that was read behind it and is no part of it is left in `ahead`.
static const Form *read_form(TSLexer *lexer, Buffer *buffer, Ahead *ahead, bool marking) {
  read_word(lexer, buffer);
  if (marking) mark(lexer);
  const Form *found = form_of(buffer);
  while (may_go_on(buffer)) {
    skip_blanks(lexer);
    if (!begins_word(lexer->lookahead)) break;
    Buffer word = {.length = 0};
    read_word(lexer, &word);
    Buffer longer = *buffer;
    push(&longer, ' ');
    if (longer.length + word.length >= MOST_BYTES || word.too_long) longer.too_long = true;
    else {
      memcpy(longer.bytes + longer.length, word.bytes, word.length);
      longer.length += word.length;
    }
    const Form *form = form_of(&longer);
    if (form == NULL && !(!longer.too_long && may_go_on(&longer))) {
      ahead->next = word;
      ahead->was_read = true;
      break;
    }
    *buffer = longer;
    if (form != NULL) {
      found = form;
      if (marking) mark(lexer);
    }
  }
  return found;
}

// What stands next on the line: a keyword (its form), a name, or a character.
static const Form *next_form(TSLexer *lexer, Ahead *ahead, bool *is_word) {
  skip_blanks(lexer);
  Buffer buffer = {.length = 0};
  Ahead behind = {.was_read = false};
  *is_word = true;
  if (ahead->was_read) return form_of(&ahead->next);
  if (begins_word(lexer->lookahead)) return read_form(lexer, &buffer, &behind, false);
  *is_word = false;
  return NULL;
}

// Whether an operand begins behind a word of that form.
static bool operand_follows(TSLexer *lexer, Ahead *ahead, const Form *form) {
  static const uint8_t before_table[] = {KEYWORD_MARGINAL, KEYWORD_SLAB};
  static const uint8_t before_number[] = {KEYWORD_MATCH};
  static const uint8_t before_parenthesis[] = {KEYWORD_LESSER, KEYWORD_GREATER};
  static const uint8_t on_lists_too[] = {KEYWORD_SMALLEST, KEYWORD_LARGEST};
  static const uint8_t by[] = {KEYWORD_BY};
  bool is_word;
  const Form *next = next_form(lexer, ahead, &is_word);
  int32_t c = lexer->lookahead;
  if (AMONG(form, before_table)) return next != NULL && AMONG(next, by);
  if (AMONG(form, before_number)) return !is_word && is_digit(c);
  if (AMONG(form, before_parenthesis) && !AMONG(form, on_lists_too)) return !is_word && (c == '(' || c == 0xFF08);
  if (!is_word) {
    // ( 「 “ " and digits; an operand may stand on the next line too.
    while (is_blank(c) || is_line_end(c)) {
      advance(lexer);
      c = lexer->lookahead;
    }
    return is_digit(c) || begins_word(c) || c == '(' || c == 0xFF08 || c == 0x300C || c == '"' || c == 0x201C;
  }
  if (next == NULL) return true;
  if (next->reserved) return AMONG(next, OPENS_OPERAND);
  return !AMONG(next, OPENS_STATEMENT);
}

static bool accept(TSLexer *lexer, unsigned token) {
  lexer->result_symbol = (TSSymbol)token;
  return true;
}

// Whether a name is followed by 以上 or （含）以上.
static bool bound_follows(TSLexer *lexer, Ahead *ahead) {
  bool is_word;
  const Form *next = next_form(lexer, ahead, &is_word);
  if (is_word) return next != NULL && AMONG(next, BOUNDS);
  if (lexer->lookahead != '(' && lexer->lookahead != 0xFF08) return false;
  advance(lexer);
  Ahead inside = {.was_read = false};
  next = next_form(lexer, &inside, &is_word);
  return next != NULL && AMONG(next, INCLUSIONS);
}

static bool range_is_open(TSLexer *lexer) {
  static const uint8_t by[] = {KEYWORD_BY};
  Ahead ahead = {.was_read = false};
  bool is_word;
  const Form *next = next_form(lexer, &ahead, &is_word);
  if (is_word)
    return next != NULL && (AMONG(next, by) || AMONG(next, OPENS_STATEMENT) ||
                            (next->reserved && !AMONG(next, OPENS_OPERAND)));
  switch (lexer->lookahead) {
    case '\n': case '\r': case '#': case 0xFF03: case ',': case 0xFF0C: case 0x3001: case ';': case 0xFF1B:
    case 0x3002: case ':': case 0xFF1A: case 0x2236: case '{': case 0xFF5B: case '}': case 0xFF5D: case ')':
    case 0xFF09: case ']': case 0xFF3D: case 0:
      return true;
    default:
      return lexer->eof(lexer);
  }
}

static bool accept_range(TSLexer *lexer, const bool *valid) {
  if (!valid[RANGE_SIGN] && !valid[OPEN_RANGE_SIGN]) return false;
  mark(lexer);
  bool open = range_is_open(lexer) && valid[OPEN_RANGE_SIGN];
  return accept(lexer, open || !valid[RANGE_SIGN] ? OPEN_RANGE_SIGN : RANGE_SIGN);
}

// Which keyword a form is here, or FIRST_KEYWORD + KEYWORD_COUNT.
static unsigned keyword_here(const Form *form, const bool *valid, bool begins_line) {
  unsigned none = FIRST_KEYWORD + KEYWORD_COUNT;
  unsigned found = none;
  for (unsigned i = 0; i < form->count; i++) {
    unsigned token = FIRST_KEYWORD + form->keywords[i];
    if (form->keywords[i] == KEYWORD_IN && begins_line) {
      if (valid[IN_IN_LINE_START]) return IN_IN_LINE_START;
      continue;
    }
    if (form->keywords[i] == KEYWORD_ROUND && begins_line) token = ROUND_IN_LINE_START;
    if (!valid[token]) continue;
    // 不超过 compares within a line and bounds the amount at its start.
    bool compares = form->keywords[i] == KEYWORD_AT_LEAST || form->keywords[i] == KEYWORD_AT_MOST;
    if (found == none || (compares && !begins_line && found != FIRST_KEYWORD + KEYWORD_UP_TO)) found = token;
  }
  return found;
}

static bool scan_word(TSLexer *lexer, const bool *valid, bool begins_line, Buffer *buffer) {
  Ahead ahead = {.was_read = false};
  const Form *form = read_form(lexer, buffer, &ahead, true);
  if (form == NULL) {
    if (valid[BOUND_NAME] && !valid[ERROR_SENTINEL] && bound_follows(lexer, &ahead)) return accept(lexer, BOUND_NAME);
    return valid[NAME] && accept(lexer, NAME);
  }
  static const uint8_t range[] = {KEYWORD_THROUGH};
  static const uint8_t otherwise[] = {KEYWORD_OTHERWISE};
  if (AMONG(form, range) && (valid[RANGE_SIGN] || valid[OPEN_RANGE_SIGN])) return accept_range(lexer, valid);
  bool may_be_name = !form->reserved && valid[NAME];
  if (may_be_name && !AMONG(form, otherwise)) {
    if (!ahead.was_read) skip_blanks(lexer);
    if (!ahead.was_read && (is_colon(lexer->lookahead) || is_slash(lexer->lookahead) || lexer->lookahead == 0xF7))
      return accept(lexer, NAME);
    if (AMONG(form, BEFORE_OPERAND) && !operand_follows(lexer, &ahead, form)) return accept(lexer, NAME);
  }
  unsigned keyword = keyword_here(form, valid, begins_line);
  if (keyword < FIRST_KEYWORD + KEYWORD_COUNT) return accept(lexer, keyword);
  return may_be_name && accept(lexer, NAME);
}

// ---------------------------------------------------------------- numbers and dates

static unsigned digits(TSLexer *lexer, unsigned most) {
  unsigned count = 0;
  while (count < most && is_digit(lexer->lookahead)) {
    advance(lexer);
    count += 1;
  }
  return count;
}

static bool is_run_char(int32_t c) {
  return (is_han(c) || is_letter(c)) && c != 0x81F3 && c != 0x5230;  // 至 到
}

// Letters and Chinese characters that adjoin a number, until 以上, 以下, 以内, 至, 到 or 的.
// What follows 元 may begin with a slash: 元/吨标煤.
static void scan_run(TSLexer *lexer) {
  bool slash_may_follow = false;
  bool had_yuan = false;
  for (;;) {
    int32_t c = lexer->lookahead;
    if (c == 0x4EE5) {  // 以
      mark(lexer);
      advance(lexer);
      int32_t next = lexer->lookahead;
      if (next == 0x4E0A || next == 0x4E0B || next == 0x5185) return;  // 上 下 内
    } else if (c == 0x53CA) {  // 及
      mark(lexer);
      advance(lexer);
      if (lexer->lookahead == 0x4EE5) {
        advance(lexer);
        if (lexer->lookahead == 0x4E0A || lexer->lookahead == 0x4E0B) return;
      }
    } else if (is_run_char(c)) {
      advance(lexer);
      slash_may_follow = c == 0x5143 && !had_yuan;  // 元
      had_yuan = had_yuan || c == 0x5143;
      mark(lexer);
      continue;
    } else if (slash_may_follow && is_slash(c)) {
      mark(lexer);
      advance(lexer);
      if (!is_run_char(lexer->lookahead) && lexer->lookahead != 0x300C) return;
      if (lexer->lookahead == 0x300C) {
        while (lexer->lookahead != 0x300D && !is_line_end(lexer->lookahead) && !lexer->eof(lexer)) advance(lexer);
        if (lexer->lookahead == 0x300D) {
          advance(lexer);
          mark(lexer);
        }
        return;
      }
    } else {
      return;
    }
    mark(lexer);
    slash_may_follow = false;
  }
}

// Behind blanks only 元, a magnitude or a unit of time.
static void scan_spaced_suffix(TSLexer *lexer) {
  skip_blanks(lexer);
  int32_t c = lexer->lookahead;
  if (c == 0x5143 || is_magnitude(c)) {
    scan_run(lexer);
  } else if (c == 0x5341) {  // 十万
    advance(lexer);
    if (lexer->lookahead == 0x4E07) scan_run(lexer);
  } else if (c == 0x5E74 || c == 0x4E2A || c == 0x6708 || c == 0x65E5 || c == 0x5929) {  // 年 个月 月 日 天
    advance(lexer);
    if (c == 0x4E2A) {
      if (lexer->lookahead != 0x6708) return;
      advance(lexer);
    }
    int32_t next = lexer->lookahead;
    if (!is_run_char(next) || next == 0x4EE5 || next == 0x53CA) mark(lexer);
  }
}

// What adjoins a numeral, or may follow it on its line: % 万元 元/吨标煤 「批次」, 亿元 behind a blank.
static void scan_suffix(TSLexer *lexer) {
  int32_t c = lexer->lookahead;
  if (c == '%' || c == 0xFF05 || c == 0x2030) {
    advance(lexer);
    mark(lexer);
  } else if (c == 0x300C) {  // 「
    mark(lexer);
    while (lexer->lookahead != 0x300D && !is_line_end(lexer->lookahead) && !lexer->eof(lexer)) advance(lexer);
    if (lexer->lookahead == 0x300D) {
      advance(lexer);
      mark(lexer);
    }
  } else if (is_run_char(c)) {
    scan_run(lexer);
  } else if (is_blank(c)) {
    scan_spaced_suffix(lexer);
  }
}

// `,234`: an ASCII comma and exactly three digits.
static void scan_groups(TSLexer *lexer, bool *suffix_may_follow) {
  while (lexer->lookahead == ',') {
    mark(lexer);
    advance(lexer);
    if (digits(lexer, 4) != 3) {
      *suffix_may_follow = false;
      return;
    }
    mark(lexer);
  }
}

// Behind `2024年`: the month, the day.
static void scan_chinese_date(TSLexer *lexer) {
  mark(lexer);
  if (lexer->lookahead == 0x5EA6) {  // 度
    advance(lexer);
    mark(lexer);
    return;
  }
  skip_blanks(lexer);
  if (digits(lexer, 2) == 0) return;
  skip_blanks(lexer);
  if (lexer->lookahead != 0x6708) return;
  advance(lexer);
  mark(lexer);
  skip_blanks(lexer);
  if (digits(lexer, 2) == 0) return;
  skip_blanks(lexer);
  if (lexer->lookahead != 0x65E5 && lexer->lookahead != 0x53F7) return;  // 日 号
  advance(lexer);
  mark(lexer);
}

// Behind four digits and a dash, slash or point: whether this is a date, right or faulty.
static bool scan_dashed_date(TSLexer *lexer, bool dash) {
  unsigned month = digits(lexer, 5);
  bool two_parts = month == 1 || month == 2;
  if (dash && month == 4) {  // 2023-2025, a slip for a range
    mark(lexer);
    if (lexer->lookahead == 0x5E74) {
      advance(lexer);
      mark(lexer);
    }
    return true;
  }
  if (!two_parts) return false;
  if (dash) mark(lexer);
  if (is_dash(lexer->lookahead) || is_slash(lexer->lookahead) || is_point(lexer->lookahead)) {
    advance(lexer);
    unsigned day = digits(lexer, 3);
    if (day == 1 || day == 2) {
      mark(lexer);
      return true;
    }
  }
  return dash;
}

static bool scan_number(TSLexer *lexer, const bool *valid) {
  int32_t first = folded(lexer->lookahead);
  unsigned count = 0;
  bool begins_like_year = first == '1' || first == '2';
  while (is_digit(lexer->lookahead)) {
    advance(lexer);
    count += 1;
  }
  mark(lexer);
  int32_t c = lexer->lookahead;
  if (count == 4 && begins_like_year) {
    if (is_dash(c) || is_slash(c)) {
      advance(lexer);
      return accept(lexer, scan_dashed_date(lexer, is_dash(c)) && valid[DATE] ? DATE : NUMBER);
    }
    if (folded(c) == 'q') {
      advance(lexer);
      if (digits(lexer, 9) > 0) {
        mark(lexer);
        return accept(lexer, valid[DATE] ? DATE : NUMBER);
      }
      scan_run(lexer);
      return accept(lexer, NUMBER);
    }
  }
  if (count == 4 && (c == 0x5E74 || is_blank(c)) && valid[DATE]) {
    if (is_blank(c)) {
      skip_blanks(lexer);
      if (lexer->lookahead != 0x5E74) {
        scan_spaced_suffix(lexer);
        return accept(lexer, NUMBER);
      }
    }
    advance(lexer);
    scan_chinese_date(lexer);
    return accept(lexer, DATE);
  }
  if (count <= 2 && c == 0x6708) {  // 9月30日
    advance(lexer);
    mark(lexer);
    if (digits(lexer, 2) > 0 && (lexer->lookahead == 0x65E5 || lexer->lookahead == 0x53F7)) {
      advance(lexer);
      mark(lexer);
    }
    return accept(lexer, valid[MONTH_DAY] ? MONTH_DAY : NUMBER);
  }
  bool suffix_may_follow = true;
  if (count <= 3) scan_groups(lexer, &suffix_may_follow);
  if (suffix_may_follow && is_point(lexer->lookahead)) {
    mark(lexer);
    advance(lexer);
    unsigned places = digits(lexer, 99);
    if (places == 0) return accept(lexer, NUMBER);
    mark(lexer);
    if (is_point(lexer->lookahead)) {  // 2023.7.1
      advance(lexer);
      unsigned day = digits(lexer, 3);
      if (day > 0) mark(lexer);
      bool date = count == 4 && begins_like_year && places <= 2 && (day == 1 || day == 2);
      return accept(lexer, date && valid[DATE] ? DATE : NUMBER);
    }
  }
  if (suffix_may_follow) scan_suffix(lexer);
  return accept(lexer, NUMBER);
}

// ---------------------------------------------------------------- quotes

static void skip_escape(TSLexer *lexer) {
  advance(lexer);
  if (!is_line_end(lexer->lookahead) && !lexer->eof(lexer)) advance(lexer);
}

// A text that is never closed costs its line, or, in three quotes, the rest of the file.
static bool scan_text(TSLexer *lexer) {
  advance(lexer);
  unsigned quotes = 1;
  while (quotes < 3 && lexer->lookahead == '"') {
    advance(lexer);
    quotes += 1;
    if (quotes == 2) mark(lexer);
  }
  if (quotes == 2) return accept(lexer, TEXT);
  unsigned closing = 0;
  while (!lexer->eof(lexer)) {
    if (quotes == 1 && is_line_end(lexer->lookahead)) break;
    if (lexer->lookahead == '\\') {
      closing = 0;
      skip_escape(lexer);
      continue;
    }
    closing = lexer->lookahead == '"' ? closing + 1 : 0;
    advance(lexer);
    if (closing == quotes) break;
  }
  mark(lexer);
  return accept(lexer, TEXT);
}

// “ ” nest, three deep.
static bool scan_chinese_text(TSLexer *lexer) {
  unsigned depth = 0;
  while (!lexer->eof(lexer) && !is_line_end(lexer->lookahead)) {
    int32_t c = lexer->lookahead;
    advance(lexer);
    if (c == 0x201C) depth += 1;
    if (c == 0x201D) depth -= 1;
    if (depth == 0) break;
  }
  mark(lexer);
  return accept(lexer, TEXT);
}

static bool scan_quoted_name(TSLexer *lexer, const bool *valid) {
  if (!valid[NAME] && !valid[BOUND_NAME]) return false;
  while (!lexer->eof(lexer) && !is_line_end(lexer->lookahead)) {
    int32_t c = lexer->lookahead;
    advance(lexer);
    if (c == 0x300D) break;
  }
  mark(lexer);
  Ahead ahead = {.was_read = false};
  if (valid[BOUND_NAME] && !valid[ERROR_SENTINEL] && bound_follows(lexer, &ahead)) return accept(lexer, BOUND_NAME);
  return valid[NAME] && accept(lexer, NAME);
}

// ---------------------------------------------------------------- the rest

// 第二条, 第二款; otherwise a word that begins with 第.
static bool scan_article_number(TSLexer *lexer, const bool *valid, bool begins_line) {
  Buffer buffer = {.length = 0};
  push(&buffer, lexer->lookahead);
  advance(lexer);
  mark(lexer);
  bool is_word = true;
  unsigned numerals = 0;
  while (is_numeral(lexer->lookahead)) {
    if (is_digit(lexer->lookahead)) is_word = false;
    push(&buffer, lexer->lookahead);
    advance(lexer);
    if (is_word) mark(lexer);
    numerals += 1;
  }
  if (numerals > 0 && (lexer->lookahead == 0x6761 || lexer->lookahead == 0x6B3E)) {  // 条 款
    unsigned token = lexer->lookahead == 0x6761 ? ARTICLE_NUMBER : CLAUSE_NUMBER;
    advance(lexer);
    mark(lexer);
    return valid[token] && accept(lexer, token);
  }
  if (!is_word) return valid[NAME] && accept(lexer, NAME);
  return scan_word(lexer, valid, begins_line, &buffer);
}

// A comma before and, or.
static bool scan_comma(TSLexer *lexer, const bool *valid) {
  if (!valid[LOGIC_COMMA] || valid[ERROR_SENTINEL]) return false;
  advance(lexer);
  mark(lexer);
  while (is_blank(lexer->lookahead) || is_line_end(lexer->lookahead)) advance(lexer);
  Ahead ahead = {.was_read = false};
  bool is_word;
  const Form *next = next_form(lexer, &ahead, &is_word);
  return next != NULL && AMONG(next, JOINING) && accept(lexer, LOGIC_COMMA);
}

static bool scan_range_sign(TSLexer *lexer, const bool *valid) {
  int32_t c = lexer->lookahead;
  advance(lexer);
  if (is_point(c)) {
    if (lexer->lookahead != c) return false;
    advance(lexer);
  } else if (c == 0x2014 && lexer->lookahead == 0x2014) {
    advance(lexer);
  }
  return accept_range(lexer, valid);
}

static bool scan(TSLexer *lexer, const bool *valid) {
  bool begins_line = lexer->get_column(lexer) == 0;
  while (is_blank(lexer->lookahead) || is_line_end(lexer->lookahead) || lexer->lookahead == 0xFEFF) {
    begins_line = begins_line || is_line_end(lexer->lookahead);
    lexer->advance(lexer, true);
  }
  int32_t c = lexer->lookahead;
  if (is_digit(c)) return (valid[NUMBER] || valid[DATE] || valid[MONTH_DAY]) && scan_number(lexer, valid);
  if (c == 0x7B2C) return scan_article_number(lexer, valid, begins_line);  // 第
  if (begins_word(c)) {
    Buffer buffer = {.length = 0};
    return scan_word(lexer, valid, begins_line, &buffer);
  }
  switch (c) {
    case '"':
      return valid[TEXT] && scan_text(lexer);
    case 0x201C:  // “
      return valid[TEXT] && scan_chinese_text(lexer);
    case 0x300C:  // 「
      return scan_quoted_name(lexer, valid);
    case ',': case 0xFF0C: case 0x3001:
      return scan_comma(lexer, valid);
    case '.': case 0xFF0E: case 0x2014: case 0x2013: case 0xFF5E: case '~':  // ． — – ～
      return scan_range_sign(lexer, valid);
    default:
      return false;
  }
}

void *tree_sitter_huiqi_external_scanner_create(void) { return NULL; }

void tree_sitter_huiqi_external_scanner_destroy(void *payload) { (void)payload; }

unsigned tree_sitter_huiqi_external_scanner_serialize(void *payload, char *buffer) {
  (void)payload;
  (void)buffer;
  return 0;
}

void tree_sitter_huiqi_external_scanner_deserialize(void *payload, const char *buffer, unsigned length) {
  (void)payload;
  (void)buffer;
  (void)length;
}

bool tree_sitter_huiqi_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid_symbols) {
  (void)payload;
  return scan(lexer, valid_symbols);
}
