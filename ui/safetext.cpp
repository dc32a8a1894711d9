#include "ui/safetext.h"

#include "models/domain/displaytext.h"
#include "ui/theme.h"
#include "ui/tonelabel.h"

#include <QAbstractButton>
#include <QAction>
#include <QPlainTextEdit>
#include <QPushButton>

namespace lockscope::safetext {

namespace {

QLabel* prepared(QLabel* label, const QString& text, bool wrapping)
{
    makePlain(label);
    label->setText(text);
    if (wrapping) {
        label->setWordWrap(true);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    }
    return label;
}

} // namespace

void makePlain(QLabel* label)
{
    label->setTextFormat(Qt::PlainText);
    label->setOpenExternalLinks(false);
}

QLabel* label(const QString& text, QWidget* parent)
{
    return prepared(new QLabel(parent), text, false);
}

QLabel* wrappingLabel(const QString& text, QWidget* parent)
{
    return prepared(new QLabel(parent), text, true);
}

QLabel* mutedLabel(const QString& text, QWidget* parent)
{
    auto* const muted = new ToneLabel(parent);
    muted->setMuted();
    return prepared(muted, text, true);
}

void setToolTip(QWidget* widget, const QString& text)
{
    widget->setToolTip(text.isEmpty() ? QString() : plainTooltip(text));
}

void setToolTip(QAction* action, const QString& text)
{
    action->setToolTip(text.isEmpty() ? QString() : plainTooltip(text));
}

void setText(QAbstractButton* button, const QString& text)
{
    button->setText(escapedMnemonic(text));
}

void setText(QAction* action, const QString& text)
{
    action->setText(escapedMnemonic(text));
}

void setWindowTitle(QWidget* window, const QString& title)
{
    window->setWindowTitle(cellText(title, 200).replace(QLatin1String("[*]"), QLatin1String("[*][*]")));
}

QPlainTextEdit* textView(QWidget* parent)
{
    auto* const view = new QPlainTextEdit(parent);
    view->setReadOnly(true);
    view->setUndoRedoEnabled(false);
    view->setFont(theme::monospace());
    view->setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    view->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    return view;
}

QMessageBox* messageBox(QWidget* parent, QMessageBox::Icon icon, const QString& title, const QString& text,
                        const QString& information, const QString& details)
{
    auto* const box = new QMessageBox(parent);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setObjectName(QStringLiteral("messageBox"));
    box->setIcon(icon);
    setWindowTitle(box, title);
    box->setTextFormat(Qt::PlainText);
    box->setText(paragraphText(text, 4000));
    box->setInformativeText(paragraphText(information, 4000));
    box->setDetailedText(paragraphText(details));
    box->setStandardButtons(QMessageBox::Close);
    // The box makes the label of the informative text by itself, with Qt's guess of a format.
    const auto labels = box->findChildren<QLabel*>();
    for (QLabel* const child : labels)
        makePlain(child);
    return box;
}

QMessageBox* errorBox(QWidget* parent, const QString& title, const Error& error)
{
    const auto icon = error.kind == ErrorKind::Usage ? QMessageBox::Information : QMessageBox::Warning;
    return messageBox(parent, icon, title, error.what, error.advice, error.serverWords);
}

} // namespace lockscope::safetext
