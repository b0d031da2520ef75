;;; emacs.el --- Emacs in batch: faces, indentation and outline of policies  -*- lexical-binding: t; coding: utf-8 -*-

;;; Code:

(require 'ert)
(require 'imenu)
(require 'huiqi-mode)

(defmacro huiqi-test--with (text &rest body)
  "Runs BODY in a buffer of the mode that holds TEXT."
  (declare (indent 1))
  `(with-temp-buffer (insert ,text) (huiqi-mode) (font-lock-ensure) (goto-char (point-min)) ,@body))

(defun huiqi-test--face (word)
  "The face of WORD, the next one, which must be shown in one face as a whole."
  (search-forward word)
  (let ((faces (delete-dups (mapcar (lambda (at) (get-text-property at 'face))
                                    (number-sequence (match-beginning 0) (1- (match-end 0)))))))
    (should (= (length faces) 1))
    (car faces)))

(ert-deftest one-clause-in-both-languages ()
  (huiqi-test--with "award 5% of capex cap 800万 when 增资扩产\n奖补 固定资产投资额的5%，最高800万元，当 增资扩产\n"
    (pcase-dolist (`(,word . ,face)
                   '(("award" . font-lock-keyword-face) ("5%" . font-lock-constant-face) ("of" . font-lock-builtin-face)
                     ("capex") ("cap" . font-lock-builtin-face) ("800万" . font-lock-constant-face)
                     ("when" . font-lock-keyword-face) ("增资扩产") ("奖补" . font-lock-keyword-face)
                     ("固定资产投资额") ("的" . font-lock-builtin-face) ("5%" . font-lock-constant-face)
                     ("最高" . font-lock-builtin-face) ("800万元" . font-lock-constant-face)
                     ("当" . font-lock-keyword-face) ("增资扩产")))
      (should (eq (huiqi-test--face word) face)))))

(ert-deftest words-that-only-begin-with-a-keyword-are-names ()
  (huiqi-test--with "let a = 当年 + 奖励金额 + information + 「最高5万」 # 当\n"
    (should (eq (huiqi-test--face "let") 'font-lock-keyword-face))
    (should (eq (huiqi-test--face "a") 'font-lock-variable-name-face))
    (dolist (name '("当年" "奖励金额" "information" "「最高5万」")) (should-not (huiqi-test--face name)))
    (should (eq (huiqi-test--face "# ") 'font-lock-comment-delimiter-face))
    (should (eq (huiqi-test--face "当") 'font-lock-comment-face))))

(ert-deftest keywords-that-are-names ()
  (huiqi-test--with "record 项目 {\n  排名 : number\n  金额 : 金额 每年\n}\naward 5万 when 排名 <= 3 and 企业.金额 > 0\n"
    (should (eq (huiqi-test--face "record") 'font-lock-keyword-face))
    (should (eq (huiqi-test--face "项目") 'font-lock-type-face))
    (should (eq (huiqi-test--face "排名") 'font-lock-variable-name-face))
    (should (eq (huiqi-test--face "number") 'font-lock-type-face))
    (should (eq (huiqi-test--face "金额") 'font-lock-variable-name-face))
    (should (eq (huiqi-test--face "金额") 'font-lock-type-face))
    (should (eq (huiqi-test--face "每年") 'font-lock-type-face))
    (should-not (huiqi-test--face "排名"))
    (should-not (huiqi-test--face "金额"))))

(ert-deftest heads-texts-and-dates ()
  (huiqi-test--with "政策 甲 { 标题 “支持” 有效期 2024年1月1日.. }\narticle \"二\" 支持 { clause 乙 { award up to 3 亿元 以上 } }\n第二款 丙 { settle { highest among A, B } }\n"
    (should (eq (huiqi-test--face "政策") 'font-lock-keyword-face))
    (should (eq (huiqi-test--face "甲") 'font-lock-function-name-face))
    (should (eq (huiqi-test--face "标题") 'font-lock-preprocessor-face))
    (should (eq (huiqi-test--face "“支持”") 'font-lock-string-face))
    (should (eq (huiqi-test--face "有效期") 'font-lock-preprocessor-face))
    (should (eq (huiqi-test--face "2024年1月1日") 'font-lock-constant-face))
    (should (eq (huiqi-test--face "article") 'font-lock-keyword-face))
    (should (eq (huiqi-test--face "支持") 'font-lock-function-name-face))
    (should (eq (huiqi-test--face "乙") 'font-lock-function-name-face))
    (should (eq (huiqi-test--face "up to") 'font-lock-builtin-face))
    (should (eq (huiqi-test--face "3 亿元") 'font-lock-constant-face))
    (should (eq (huiqi-test--face "以上") 'font-lock-builtin-face))
    (should (eq (huiqi-test--face "第二款") 'font-lock-keyword-face))
    (should (eq (huiqi-test--face "丙") 'font-lock-function-name-face))
    (should (eq (huiqi-test--face "highest among") 'font-lock-keyword-face))))

(ert-deftest lines-are-indented-by-braces ()
  (huiqi-test--with "policy 甲 {\nclause 乙 {\naward by 等级 {\n国家级: 5万 # {\n}\n}\n}\n"
    (indent-region (point-min) (point-max))
    (should (equal (buffer-string)
                   "policy 甲 {\n  clause 乙 {\n    award by 等级 {\n      国家级: 5万 # {\n    }\n  }\n}\n"))))

(ert-deftest the-outline-lists-heads ()
  (huiqi-test--with "policy 甲 { }\n第二条 支持 {\n  clause 乙 { award 5万 }\n}\ntest \"一\" in 2024 { }\n"
    (let ((index (imenu--make-index-alist t)))
      (should (assoc "甲" (cdr (assoc "Policies" index))))
      (should (assoc "乙" (cdr (assoc "Clauses" index))))
      (should (assoc "\"一\"" (cdr (assoc "Tests" index)))))))

(ert-deftest every-policy-opens-in-the-mode ()
  (let ((awards 0))
    (dolist (file (directory-files-recursively (getenv "HUIQI_POLICIES") "\\`policy\\.hq\\'"))
      (let ((enable-local-variables nil))
        (with-current-buffer (find-file-noselect file)
          (should (eq major-mode 'huiqi-mode))
          (font-lock-ensure)
          (goto-char (point-min))
          (while (re-search-forward "^\\s-*\\(award\\|奖补\\|match\\|配套\\) " nil t)
            (unless (nth 8 (save-excursion (syntax-ppss)))
              (setq awards (1+ awards))
              (should (eq (get-text-property (match-beginning 1) 'face) 'font-lock-keyword-face))))
          (kill-buffer))))
    (should (> awards 40))))

;;; emacs.el ends here
