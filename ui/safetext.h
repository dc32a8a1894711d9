#pragma once

#include "models/domain/result.h"

#include <QLabel>
#include <QMessageBox>
#include <QString>

class QAbstractButton;
class QAction;
class QPlainTextEdit;
class QWidget;

namespace lockscope {

/// The one place where text gets into labels, tooltips and message boxes. Qt guesses rich text from what a string looks
/// like, and application names, queries and error messages are written by strangers: here everything stays plain text.
namespace safetext {

/// A label that shows text as it is: no markup, no mnemonics, no links.
[[nodiscard]] QLabel* label(const QString& text = {}, QWidget* parent = nullptr);
/// The same, wrapping at the width it is given, and selectable with the mouse.
[[nodiscard]] QLabel* wrappingLabel(const QString& text = {}, QWidget* parent = nullptr);
/// A wrapping label in the muted colour of secondary text; follows the palette.
[[nodiscard]] QLabel* mutedLabel(const QString& text = {}, QWidget* parent = nullptr);
void makePlain(QLabel* label);

/// Tooltip as plain text, escaped and cut; an empty text removes it.
void setToolTip(QWidget* widget, const QString& text);
void setToolTip(QAction* action, const QString& text);
/// Text on a button or menu item, with every & literal.
void setText(QAbstractButton* button, const QString& text);
void setText(QAction* action, const QString& text);

/// A window's title, in which Qt replaces "[*]" where it is not doubled.
void setWindowTitle(QWidget* window, const QString& title);

/// A read-only view for long text from the server: monospace, no wrapping into rich text, never interprets anything.
[[nodiscard]] QPlainTextEdit* textView(QWidget* parent = nullptr);

/// A message box in plain text, with one button (Close) unless buttons are added. details go below a fold; all three
/// may come from the server. The caller shows it with open(); it deletes itself when closed.
[[nodiscard]] QMessageBox* messageBox(QWidget* parent, QMessageBox::Icon icon, const QString& title,
                                      const QString& text, const QString& information = {},
                                      const QString& details = {});
/// What happened, what to do, and the server's own words below.
[[nodiscard]] QMessageBox* errorBox(QWidget* parent, const QString& title, const Error& error);

} // namespace safetext

} // namespace lockscope
