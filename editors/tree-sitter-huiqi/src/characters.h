// What single characters are, and the text of a word while it is read.
//
// In: a character. Out: whether it is a digit, a letter, a Chinese character, … in any width,
// as grammar/tokens.pest has it. Included by scanner.c alone.

#ifndef HUIQI_CHARACTERS_H
#define HUIQI_CHARACTERS_H

#include "tree_sitter/parser.h"

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

static bool accept(TSLexer *lexer, unsigned token) {
  lexer->result_symbol = (TSSymbol)token;
  return true;
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

#endif
