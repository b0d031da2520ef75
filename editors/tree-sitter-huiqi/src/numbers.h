// Numbers with what adjoins them, and dates.
//
// In: characters that begin with a digit. Out: a number, a date, or the end of a range
// (9月30日). The end of the token is marked wherever it may end, since nothing that was read
// can be given back. Included by scanner.c alone.

#ifndef HUIQI_NUMBERS_H
#define HUIQI_NUMBERS_H

#include "characters.h"

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

#endif
