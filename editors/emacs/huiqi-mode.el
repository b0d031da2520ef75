;;; huiqi-mode.el --- Policies in the Huiqi language  -*- lexical-binding: t; coding: utf-8 -*-

;; Version: 0.1.0
;; Package-Requires: ((emacs "27.1"))
;; Keywords: languages

;;; Commentary:
;; Colours, indentation, folding by `outline', the commands check, test and lay out, and the
;; language server for eglot.  Words are read one by one, as the language's own scanner does,
;; and looked up in huiqi-keywords.el: 当年 is a name and 当 a keyword.

;;; Code:

(require 'huiqi-keywords)

(defgroup huiqi nil "Policies in the Huiqi language." :group 'languages)

(defcustom huiqi-program "huiqi" "The program." :type 'string)

(defcustom huiqi-indent 2 "Columns for each open brace." :type 'integer :safe #'integerp)

(defconst huiqi--han "一-皃皅-鿿㐀-䶿〇々⺀-⿟豈-﫿㌀-㏿𠀀-𲎯" "Chinese characters but 的.")
(defconst huiqi--letter "A-Za-zＡ-Ｚａ-ｚÀ-ÖØ-öø-ԯ" "Letters.")
(defconst huiqi--word
  (concat "\\(?:[" huiqi--han "]\\|[" huiqi--letter "][" huiqi--letter "0-9０-９_]*\\)[" huiqi--han huiqi--letter "_]*")
  "A whole word.")
(defconst huiqi--blank "[ \t\u00a0\u3000]*")
(defconst huiqi--name (concat "\\(?:「[^」\n]*」\\|" huiqi--word "\\)") "A name, quoted or not.")
(defconst huiqi--date
  (concat "[12１２][0-9０-９]\\{3\\}\\(?:\\(?:[-－/／.．][0-9０-９]\\{1,2\\}\\)\\{2\\}\\|[-－][0-9０-９]\\{1,4\\}\\|[QqＱｑ][0-9０-９]+\\)"
          "\\|[0-9０-９]\\{4\\}" huiqi--blank "年\\(?:" huiqi--blank "[0-9０-９]\\{1,2\\}" huiqi--blank "月\\(?:" huiqi--blank
          "[0-9０-９]\\{1,2\\}" huiqi--blank "[日号]\\)?\\|度\\)?\\|[0-9０-９]\\{1,2\\}月\\(?:[0-9０-９]\\{1,2\\}[日号]\\)?")
  "A date, right or faulty.")
(defconst huiqi--digits "[0-9０-９]+\\(?:,[0-9０-９]\\{3\\}\\)*\\(?:[.．][0-9０-９]+\\)?" "A numeral.")

(defconst huiqi--faces
  '((award . font-lock-keyword-face) (modifier . font-lock-builtin-face) (conditional . font-lock-keyword-face)
    (function . font-lock-function-name-face) (operator . font-lock-builtin-face)
    (declaration . font-lock-keyword-face) (property . font-lock-preprocessor-face) (type . font-lock-type-face)
    (settle . font-lock-keyword-face) (test . font-lock-keyword-face) (constant . font-lock-constant-face)
    (predeclared . font-lock-constant-face) (declared . font-lock-function-name-face)
    (declared-type . font-lock-type-face) (declared-fact . font-lock-variable-name-face))
  "Faces of classes.")

(defvar huiqi--forms
  (let ((table (make-hash-table :test #'equal)))
    (dolist (entry huiqi-keywords table)
      (puthash (car entry) (cdr entry) table)))
  "Forms to classes and conditions.")

(defvar huiqi--beginnings
  (let ((table (make-hash-table :test #'equal)))
    (dolist (entry huiqi-keywords table)
      (let ((words (split-string (car entry) " ")))
        (puthash (car words) (max (length words) (gethash (car words) table 0)) table))))
  "First words of forms, with the most words of a form.")

(defvar huiqi--reserved
  (let ((table (make-hash-table :test #'equal)))
    (dolist (form huiqi-no-operands table)
      (puthash form t table)))
  "Forms that no operand begins with.")

;;; Words

(defun huiqi--fold (word)
  "WORD in lower case, full-width letters as ASCII."
  (downcase (apply #'string (mapcar (lambda (c) (if (<= #xFF01 c #xFF5E) (- c #xFEE0) c)) word))))

(defun huiqi--form (limit)
  "The longest form that begins with the word just matched, moving behind it, not past LIMIT."
  (let* ((word (huiqi--fold (match-string-no-properties 0)))
         (most (gethash word huiqi--beginnings 0))
         (best (and (gethash word huiqi--forms) word))
         (end (point))
         (words word))
    (save-excursion
      (while (and (> (setq most (1- most)) 0) (looking-at (concat huiqi--blank "\\(" huiqi--word "\\)"))
                  (<= (match-end 0) limit))
        (setq words (concat words " " (huiqi--fold (match-string-no-properties 1))))
        (goto-char (match-end 0))
        (when (gethash words huiqi--forms) (setq best words end (point)))))
    (goto-char end)
    best))

(defun huiqi--follows-p (condition)
  "Whether what follows point fits CONDITION of a keyword."
  (looking-at huiqi--blank)
  (save-excursion
    (goto-char (match-end 0))
    (pcase condition
      ('always t)
      ((guard (looking-at-p "[:：∶/／÷]")) nil)
      ('alone t)
      ('text (looking-at-p "[\"“]"))
      ('number (looking-at-p "[0-9０-９]"))
      ((or 'operand 'amount)
       (cond ((looking-at-p "[0-9０-９(（\"“「{｛]") t)
             ((and (eq condition 'amount) (looking-at-p "[-－−.．—]")))
             ((looking-at huiqi--word)
              (let ((next (huiqi--fold (match-string-no-properties 0))))
                (or (not (gethash next huiqi--reserved))
                    (and (eq condition 'amount) (member next '("up" "最高" "不超过" "至多" "最高不超过"))))))))
      ((pred consp) (and (looking-at huiqi--word) (member (huiqi--fold (match-string-no-properties 0)) condition)))
      (_ nil))))

(defun huiqi--class (form start)
  "The class of FORM, whose word begins at START and ends at point, or nil for a name."
  (let ((before (save-excursion (goto-char start) (skip-chars-backward " \t\u00a0\u3000") (char-before))))
    (catch 'class
      (dolist (entry (gethash form huiqi--forms))
        (cond ((and (memq before '(?. ?．)) (not (eq (car entry) 'predeclared))
                    (not (save-excursion (goto-char start) (looking-back "[.．][.．]\\s-*" (line-beginning-position))))))
              ((eq (cdr entry) 'type) (when (memq before '(?: ?： ?∶)) (throw 'class (car entry))))
              ((and (eq before ?的) (not (eq (cdr entry) 'always)) (not (consp (cdr entry)))))
              ((huiqi--follows-p (cdr entry)) (throw 'class (car entry)))))
      nil)))

;;; Declarations

(defconst huiqi--word-chars (concat huiqi--han huiqi--letter "0-9０-９_「」+") "Characters of names.")

(defun huiqi--skip-names ()
  "Moves back over the names and slashes before point, and the blanks before them."
  (skip-chars-backward " \t\u00a0\u3000")
  (while (memq (char-before) '(?/ ?／))
    (backward-char)
    (skip-chars-backward " \t\u00a0\u3000")
    (skip-chars-backward huiqi--word-chars)
    (skip-chars-backward " \t\u00a0\u3000")))

(defun huiqi--word-before ()
  "The word before point, in lower case."
  (downcase (buffer-substring-no-properties (point) (save-excursion (skip-chars-backward huiqi--word-chars) (point)))))

(defun huiqi--in-record-p ()
  "Whether point is directly in the braces of a record."
  (let ((open (save-excursion (nth 1 (syntax-ppss)))))
    (and open
         (save-excursion
           (goto-char open)
           (skip-chars-backward " \t\u00a0\u3000")
           (skip-chars-backward huiqi--word-chars)
           (huiqi--skip-names)
           (member (huiqi--word-before) '("record" "登记表" "主体"))))))

(defun huiqi--declared (start)
  "The class of the name at START where it is declared; nil where it is only used."
  (save-excursion
    (goto-char start)
    (cond
     ((looking-at-p (concat huiqi--name huiqi--blank "[{｛]"))
      (skip-chars-backward " \t\u00a0\u3000")
      (let ((numbered (looking-back "第[0-9０-９一二三四五六七八九十百零〇]+[条款]" (line-beginning-position))))
        (when (memq (char-before) '(?\" ?”))
          (skip-chars-backward "^\"“\n" (line-beginning-position))
          (backward-char)
          (skip-chars-backward "^\"“\n" (line-beginning-position))
          (skip-chars-backward "\"“ \t"))
        (cond (numbered 'declared)
              ((member (huiqi--word-before) '("policy" "政策" "办法" "措施" "article" "clause" "条" "款" "条款")) 'declared)
              (t (huiqi--skip-names) (and (member (huiqi--word-before) '("record" "登记表" "主体")) 'declared-type)))))
     (t
      (let ((fact (looking-at-p (concat huiqi--name "\\(?:" huiqi--blank "[/／]" huiqi--blank huiqi--name "\\)*"
                                        huiqi--blank "[:：∶]"))))
        (huiqi--skip-names)
        (let ((before (huiqi--word-before)))
          (cond ((member before '("let" "令" "定义" "parameter" "参数")) 'declared-fact)
                ((member before '("unit" "计量单位" "record" "登记表" "主体")) 'declared-type)
                ((and fact (huiqi--in-record-p)) 'declared-fact))))))))

(defvar huiqi--found nil "The class of what was found last.")

(defun huiqi--next-word (limit)
  "Moves behind the next word before LIMIT that is shown in a face, and sets the match data."
  (let (found)
    (while (and (not found)
                (re-search-forward (concat huiqi--date "\\|" huiqi--digits "\\|「[^」\n]*」\\|" huiqi--word) limit t))
      (let ((start (match-beginning 0)))
        (cond
         ((save-excursion (save-match-data (nth 8 (syntax-ppss start)))))
         ((save-match-data (looking-back "[0-9０-９]" (1- (point))))
          (huiqi--number start limit)
          (setq found (list start (point) 'number)))
         ((save-excursion (goto-char start) (looking-at-p "[0-9０-９]"))
          (setq found (list start (point) 'number)))
         ((eq (char-after start) ?「)
          (let ((class (huiqi--declared start)))
            (when class (setq found (list start (point) class)))))
         (t
          (let* ((form (huiqi--form limit))
                 (end (point))
                 (declared (huiqi--declared start))
                 (class (or declared (and form (huiqi--class form start)))))
            (goto-char end)
            (when class (setq found (list start end class))))))))
    (when found
      (set-match-data (list (nth 0 found) (nth 1 found)))
      (setq huiqi--found (nth 2 found))
      t)))

(defun huiqi--number (start limit)
  "Moves behind what adjoins the number that began at START, not past LIMIT."
  (ignore start)
  (when (or (looking-at "[%％‰]")
            (looking-at (concat "\\(?:[" huiqi--han huiqi--letter "]\\)+\\(?:[/／][" huiqi--han huiqi--letter "]+\\)?"))
            (looking-at (concat "[ \t\u00a0\u3000]+\\(?:[百千万亿元][" huiqi--han "]*\\|个月\\|[年月日天]\\)")))
    (let ((end (match-end 0)))
      ;; 以上, 至 and the like are words of their own.
      (save-excursion
        (when (re-search-forward "以[上下内]\\|及以[上下]\\|[至到]" end t) (setq end (match-beginning 0))))
      (goto-char (min end limit)))))

(defconst huiqi-font-lock
  `(("第[0-9０-９一二三四五六七八九十百零〇]+[条款]" . font-lock-keyword-face)
    (huiqi--next-word 0 (if (eq huiqi--found 'number) 'font-lock-constant-face (cdr (assq huiqi--found huiqi--faces))))
    ("的" . font-lock-builtin-face))
  "What `font-lock' shows.")

;;; Mode

(defvar huiqi-mode-syntax-table
  (let ((table (make-syntax-table)))
    (modify-syntax-entry ?# "<" table)
    (modify-syntax-entry ?＃ "<" table)
    (modify-syntax-entry ?\n ">" table)
    (modify-syntax-entry ?\" "\"" table)
    (modify-syntax-entry ?\\ "\\" table)
    (modify-syntax-entry ?_ "w" table)
    (modify-syntax-entry ?“ "|" table)
    (modify-syntax-entry ?” "|" table)
    (dolist (pair '((?\{ . ?\}) (?\[ . ?\]) (?\( . ?\)) (?｛ . ?｝) (?（ . ?）) (?［ . ?］)))
      (modify-syntax-entry (car pair) (format "(%c" (cdr pair)) table)
      (modify-syntax-entry (cdr pair) (format ")%c" (car pair)) table))
    (dolist (sign (append "+-*/=<>.,:;，。：；、％%≥≤≠×÷～—的" nil))
      (modify-syntax-entry sign "." table))
    table)
  "Syntax of policies.")

(defun huiqi-indent-line ()
  "Indents the line once for every line above that leaves a brace open."
  (interactive)
  (let ((column
         (save-excursion
           (back-to-indentation)
           (let ((open (nth 1 (syntax-ppss (line-beginning-position)))) (closing (looking-at-p "[]})｝）］]")))
             (cond ((nth 3 (syntax-ppss (line-beginning-position))) nil)
                   (open (goto-char open) (+ (current-indentation) (if closing 0 huiqi-indent)))
                   (t 0))))))
    (when column
      (save-excursion (indent-line-to column))
      (when (< (current-column) column) (back-to-indentation)))))

(defun huiqi--run (&rest arguments)
  "Runs the program with ARGUMENTS on the file, in a compilation buffer."
  (save-buffer)
  (compile (mapconcat #'shell-quote-argument (append (list huiqi-program) arguments (list buffer-file-name)) " ")))

(defun huiqi-check () "Checks the file." (interactive) (huiqi--run "check"))

(defun huiqi-test () "Runs the tests of the file." (interactive) (huiqi--run "test"))

(defun huiqi-format ()
  "Lays the buffer out."
  (interactive)
  (let ((line (line-number-at-pos)) (laid-out (generate-new-buffer " *huiqi-format*")))
    (unwind-protect
        (if (zerop (call-process-region nil nil huiqi-program nil laid-out nil "fmt" "--stdin"))
            (replace-buffer-contents laid-out)
          (message "%s" (with-current-buffer laid-out (string-trim (buffer-string)))))
      (kill-buffer laid-out))
    (goto-char (point-min))
    (forward-line (1- line))))

(defvar huiqi-mode-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "C-c C-c") #'huiqi-check)
    (define-key map (kbd "C-c C-t") #'huiqi-test)
    (define-key map (kbd "C-c C-f") #'huiqi-format)
    map)
  "Keys of policies.")

(defconst huiqi--outline
  '(("Policies" "^\\s-*\\(?:policy\\|政策\\|办法\\|措施\\)\\s-+\\([^ {\n]+\\)" 1)
    ("Articles" "^\\s-*\\(\\(?:article\\|第[^ \n]+条\\)[^{\n]*\\)" 1)
    ("Clauses" "^\\s-*\\(?:clause\\|款\\|条款\\|第[^ \n]+款\\)\\s-+\\([^ {\n]+\\)" 1)
    ("Records" "^\\s-*\\(?:record\\|登记表\\|主体\\)\\s-+\\([^ {\n]+\\)" 1)
    ("Tests" "^\\s-*\\(?:test\\|测试\\|算例\\)\\s-+\\([\"“][^\"”\n]+[\"”]\\)" 1))
  "What `imenu' lists.")

;;;###autoload
(define-derived-mode huiqi-mode prog-mode "Huiqi"
  "Policies in the Huiqi language."
  (setq-local comment-start "# " comment-end "" comment-start-skip "[#＃]+\\s-*")
  (setq-local indent-line-function #'huiqi-indent-line indent-tabs-mode nil)
  (setq-local parse-sexp-ignore-comments t open-paren-in-column-0-is-defun-start nil)
  (setq-local font-lock-defaults '(huiqi-font-lock))
  (setq-local imenu-generic-expression huiqi--outline)
  (setq-local electric-pair-pairs '((?\" . ?\") (?“ . ?”) (?「 . ?」) (?（ . ?）) (?｛ . ?｝))))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.hq\\'" . huiqi-mode))

(defvar eglot-server-programs)
(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs `(huiqi-mode . (,huiqi-program "lsp"))))

(provide 'huiqi-mode)
;;; huiqi-mode.el ends here
