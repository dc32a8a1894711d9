#include "ui/filteredit.h"

#include "ui/icons.h"
#include "ui/safetext.h"

#include <QAction>
#include <QKeyEvent>

namespace lockscope {

FilterEdit::FilterEdit(QWidget* parent)
    : QLineEdit(parent)
{
    setObjectName(QStringLiteral("filterEdit"));
    setAccessibleName(tr("Filter"));
    setPlaceholderText(tr("Filter: key, pid, application, mode"));
    setMaxLength(maximumLength);
    useOwnClearButton(this);
    addAction(icon(IconName::Search), QLineEdit::LeadingPosition);

    m_rest.setSingleShot(true);
    m_rest.setInterval(150);
    connect(&m_rest, &QTimer::timeout, this, &FilterEdit::say);
    connect(this, &QLineEdit::textEdited, this, [this](const QString& text) {
        if (text.isEmpty())
            say();
        else
            m_rest.start();
    });
    // The clear button changes the text without an edit.
    connect(this, &QLineEdit::textChanged, this, [this](const QString& text) {
        if (text.isEmpty())
            say();
    });
    connect(this, &QLineEdit::returnPressed, this, &FilterEdit::say);
}

void FilterEdit::setFilter(const QString& filter)
{
    m_rest.stop();
    m_said = filter;
    setText(filter);
}

void FilterEdit::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape) {
        if (text().isEmpty())
            Q_EMIT left();
        clear();
        return;
    }
    if (event->key() == Qt::Key_Down) {
        say();
        Q_EMIT left();
        return;
    }
    QLineEdit::keyPressEvent(event);
}

void FilterEdit::say()
{
    m_rest.stop();
    if (text() == m_said)
        return;
    m_said = text();
    Q_EMIT filterChanged(m_said);
}

} // namespace lockscope
