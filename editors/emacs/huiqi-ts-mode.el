;;; huiqi-ts-mode.el --- Policies in the Huiqi language, by tree-sitter  -*- lexical-binding: t; coding: utf-8 -*-

;; Version: 0.1.0
;; Package-Requires: ((emacs "29.1"))
;; Keywords: languages

;;; Commentary:
;; `huiqi-mode' with a tree instead of words read one by one: the colours of long files come
;; at once, a soft keyword is told from a name by the grammar, and commands move by clause.
;; build.sh beside this file makes the parser.  Everything else is that of `huiqi-mode'.

;;; Code:

(require 'huiqi-mode)
(require 'huiqi-ts-queries)
(require 'treesit)

(defun huiqi-ts--name (node)
  "The name of NODE: its own, its number, or the first of its names."
  (let ((name (or (treesit-node-child-by-field-name node "name")
                  (treesit-node-child-by-field-name node "number")
                  (treesit-search-subtree node "\\`name\\'"))))
    (and name (treesit-node-text name t))))

;;;###autoload
(define-derived-mode huiqi-ts-mode huiqi-mode "Huiqi"
  "Policies in the Huiqi language, by tree-sitter."
  (when (treesit-ready-p 'huiqi)
    (treesit-parser-create 'huiqi)
    (setq-local treesit-font-lock-settings
                (apply #'treesit-font-lock-rules
                       (mapcan (lambda (entry) (list :language 'huiqi :feature (car entry) (cdr entry)))
                               huiqi-ts-queries)))
    (setq-local treesit-font-lock-feature-list '((comment declared) (keyword string) (number)))
    (setq-local treesit-defun-type-regexp "\\`\\(?:policy\\|article\\|clause\\|record\\|settle\\|test\\)\\'")
    (setq-local treesit-defun-name-function #'huiqi-ts--name)
    (setq-local treesit-simple-imenu-settings
                `(("Policies" "\\`policy\\'" nil huiqi-ts--name)
                  ("Articles" "\\`article\\'" nil huiqi-ts--name)
                  ("Clauses" "\\`clause\\'" nil huiqi-ts--name)
                  ("Records" "\\`record\\'" nil huiqi-ts--name)
                  ("Tests" "\\`test\\'" nil huiqi-ts--name)))
    (treesit-major-mode-setup)))

;;;###autoload
(when (treesit-ready-p 'huiqi t)
  (add-to-list 'auto-mode-alist '("\\.hq\\'" . huiqi-ts-mode)))

(provide 'huiqi-ts-mode)
;;; huiqi-ts-mode.el ends here
