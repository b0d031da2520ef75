;;; emacs-tree-sitter.el --- Emacs 29 and later in batch: policies by tree-sitter  -*- lexical-binding: t; coding: utf-8 -*-

;; The folder of the parser stands in HUIQI_PARSER, that of the policies in HUIQI_POLICIES.

;;; Code:

(require 'ert)
(require 'imenu)
(require 'treesit)
(add-to-list 'treesit-extra-load-path (getenv "HUIQI_PARSER"))
(require 'huiqi-ts-mode)

(defmacro huiqi-test--with (text &rest body)
  "Runs BODY in a buffer of the mode that holds TEXT."
  (declare (indent 1))
  `(with-temp-buffer
     (insert ,text)
     (huiqi-ts-mode)
     (should (treesit-parser-list))
     (font-lock-ensure)
     (goto-char (point-min))
     ,@body))

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

(ert-deftest keywords-that-are-names ()
  (huiqi-test--with "record 项目 {\n  排名 : number # 说明\n  金额 : 金额 每年\n}\naward 5万 when 排名 <= 3 and 年份取 > 0\n"
    (should (eq (huiqi-test--face "record") 'font-lock-keyword-face))
    (should (eq (huiqi-test--face "项目") 'font-lock-type-face))
    (should (eq (huiqi-test--face "排名") 'font-lock-variable-name-face))
    (should (eq (huiqi-test--face "number") 'font-lock-type-face))
    (should (eq (huiqi-test--face "# 说明") 'font-lock-comment-face))
    (should (eq (huiqi-test--face "金额") 'font-lock-variable-name-face))
    (should (eq (huiqi-test--face "金额") 'font-lock-type-face))
    (should (eq (huiqi-test--face "每年") 'font-lock-type-face))
    (should-not (huiqi-test--face "排名"))))

(ert-deftest what-is-typed-is-shown-at-once ()
  (huiqi-test--with "award 5% of capex\n"
    (goto-char (point-max))
    (insert "award 3万 when 本年 = 2024\n")
    (font-lock-ensure)
    (goto-char (point-min))
    (huiqi-test--face "capex")
    (should (eq (huiqi-test--face "award") 'font-lock-keyword-face))
    (should (eq (huiqi-test--face "本年") 'font-lock-constant-face))))

(ert-deftest commands-move-by-clause ()
  (huiqi-test--with "policy 甲 {\n  clause 乙 {\n    award 5万\n  }\n}\n"
    (search-forward "award")
    (should (equal (treesit-defun-name (treesit-defun-at-point)) "乙"))
    (beginning-of-defun)
    (back-to-indentation)
    (should (looking-at-p "clause 乙"))))

(ert-deftest lines-are-indented-by-braces ()
  (huiqi-test--with "policy 甲 {\nclause 乙 {\naward by 等级 {\n国家级: 5万 # {\n}\n}\n}\n"
    (indent-region (point-min) (point-max))
    (should (equal (buffer-string)
                   "policy 甲 {\n  clause 乙 {\n    award by 等级 {\n      国家级: 5万 # {\n    }\n  }\n}\n"))))

(ert-deftest the-outline-lists-heads ()
  (huiqi-test--with "policy 甲 { }\n第二条 支持 {\n  clause 乙 { award 5万 }\n}\ntest \"一\" in 2024 { }\n"
    (let ((index (imenu--make-index-alist t)))
      (should (assoc "甲" (cdr (assoc "Policies" index))))
      (should (assoc "支持" (cdr (assoc "Articles" index))))
      (should (assoc "乙" (cdr (assoc "Clauses" index))))
      (should (assoc "\"一\"" (cdr (assoc "Tests" index)))))))

(defun huiqi-test--words (mode)
  "The words of the buffer in MODE that are shown in a face, with place and face."
  (funcall mode)
  (font-lock-ensure)
  (let ((at (point-min)) words)
    (while (< at (point-max))
      (let ((next (next-single-property-change at 'face nil (point-max))) (face (get-text-property at 'face)))
        (when face (push (list at next face) words))
        (setq at next)))
    words))

(ert-deftest every-policy-is-shown-as-without-a-tree ()
  (let ((awards 0) different)
    (dolist (file (directory-files-recursively (getenv "HUIQI_POLICIES") "\\.hq\\'"))
      (with-temp-buffer
        (insert-file-contents file)
        (let ((plain (huiqi-test--words #'huiqi-mode)) (by-tree (huiqi-test--words #'huiqi-ts-mode)))
          (should-not (treesit-node-check (treesit-buffer-root-node 'huiqi) 'has-error))
          (dolist (word by-tree)
            (when (eq (nth 2 word) 'font-lock-keyword-face)
              (setq awards (1+ awards))
              (unless (or (member word plain) (eq (get-text-property (car word) 'face) 'font-lock-comment-face))
                (push (list (file-name-nondirectory (directory-file-name (file-name-directory file)))
                            (buffer-substring-no-properties (nth 0 word) (nth 1 word)))
                      different)))))))
    (should-not different)
    (should (> awards 1000))))

;;; emacs-tree-sitter.el ends here
