// Words: names and keywords of one word or several.
//
// In: characters, and which tokens may stand here. Out: a name or the keyword that the whole
// run is. A keyword that can be a name is one where no keyword may stand, before a colon or a
// slash, and, if it must have an operand, where none follows. Included by scanner.c alone.

#ifndef HUIQI_WORDS_H
#define HUIQI_WORDS_H

#include "characters.h"

#include <string.h>

typedef struct {
  const char *words;
  bool reserved;
  uint8_t count;
  uint8_t keywords[3];
} Form;

#include "keywords.h"

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

#endif
