// Words, numbers, dates, texts and ranges, cut as the language's own scanner cuts them.
//
// In: characters, and which tokens may stand here. Out: one token. A word is a whole run of
// letters and Chinese characters; it is a keyword only if the whole run is one, several
// words on one line being one keyword where the table says so. A keyword that can be a name
// is a name where no keyword may stand, before a colon or a slash, and, if it must have an
// operand, where none follows. There is no state: every token is decided where it stands.

#include "numbers.h"
#include "words.h"

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
