#include "tests/acceptance/windowdriver.h"

#include "models/lockrow.h"
#include "models/statementlogmodel.h"

#include <QAbstractButton>
#include <QAction>
#include <QDockWidget>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPointer>
#include <QTest>

namespace lockscope::test {

namespace {

QString cell(const QAbstractItemModel& model, int row, int column)
{
    return model.index(row, column).data().toString();
}

} // namespace

QString connectionText(const Conninfo& conninfo)
{
    QString text;
    for (const auto& [keyword, value] : conninfo.parameters())
        text += QStringLiteral("%1='%2' ").arg(keyword, value);
    return text;
}

WindowDriver::WindowDriver(const CommandLine& commandLine)
    : m_settings(std::make_unique<Settings>(m_directory.filePath(QStringLiteral("lockscope.ini"))))
    , m_console(std::make_unique<Console>(*m_settings, commandLine))
{
    m_console->start();
}

WindowDriver::~WindowDriver() = default;

QWidget* WindowDriver::find(const QString& name) const
{
    const QList<QWidget*> found = m_console->window().findChildren<QWidget*>(name);
    for (QWidget* const widget : found) { // a dialog that was closed may still be about to go
        if (widget->isVisible())
            return widget;
    }
    return found.isEmpty() ? nullptr : found.first();
}

QString WindowDriver::click(const QString& button)
{
    const QPointer<QAbstractButton> found = qobject_cast<QAbstractButton*>(find(button));
    if (!found)
        return QStringLiteral("no button ") + button;
    // A person brings a dock behind a tab to the front first.
    for (QWidget* parent = found.data(); parent != nullptr; parent = parent->parentWidget()) {
        if (auto* const dock = qobject_cast<QDockWidget*>(parent))
            dock->raise();
    }
    if (!QTest::qWaitFor([&found] { return found && found->isVisible() && found->isEnabled(); }) || !found)
        return QStringLiteral("%1 is hidden or greyed out: %2").arg(button, found ? found->toolTip() : QString());
    if (found->accessibleName().isEmpty() && found->text().isEmpty())
        return button + QStringLiteral(" has no accessible name");
    QTest::mouseClick(found, Qt::LeftButton);
    return {};
}

QString WindowDriver::type(const QString& field, const QString& text)
{
    auto* const found = qobject_cast<QLineEdit*>(find(field));
    if (found == nullptr)
        return QStringLiteral("no field ") + field;
    if (!found->isEnabled() || found->accessibleName().isEmpty())
        return field + QStringLiteral(" cannot be typed into, or has no accessible name");
    found->clear();
    QTest::keyClicks(found, text);
    return {};
}

QString WindowDriver::trigger(const QString& action)
{
    for (QAction* const found : m_console->window().findChildren<QAction*>() + m_console->findChildren<QAction*>()) {
        if (found->objectName() == action) {
            if (!found->isEnabled())
                return action + QStringLiteral(" is greyed out");
            found->trigger();
            return {};
        }
    }
    for (QWidget* const widget : m_console->window().findChildren<QWidget*>()) {
        for (QAction* const found : widget->actions()) {
            if (found->objectName() == action && found->isEnabled()) {
                found->trigger();
                return {};
            }
        }
    }
    return QStringLiteral("no action ") + action;
}

QAbstractItemView* WindowDriver::view(const QString& name) const
{
    return qobject_cast<QAbstractItemView*>(find(name));
}

QString WindowDriver::select(const QString& viewName, const QString& text)
{
    QAbstractItemView* const found = view(viewName);
    if (found == nullptr)
        return QStringLiteral("no view ") + viewName;
    for (int row = 0; row < found->model()->rowCount(); ++row) {
        if (cell(*found->model(), row, 0).startsWith(text)) {
            found->setCurrentIndex(found->model()->index(row, 0));
            return {};
        }
    }
    return QStringLiteral("%1 has no row %2").arg(viewName, text);
}

bool WindowDriver::isEnabled(const QString& control) const
{
    const QWidget* const found = find(control);
    return found != nullptr && found->isEnabled();
}

QString WindowDriver::text(const QString& control) const
{
    QWidget* const found = find(control);
    if (auto* const label = qobject_cast<QLabel*>(found))
        return label->text();
    if (auto* const edit = qobject_cast<QLineEdit*>(found))
        return edit->text();
    if (auto* const plain = qobject_cast<QPlainTextEdit*>(found))
        return plain->toPlainText();
    return found == nullptr ? QStringLiteral("no control ") + control : found->accessibleName();
}

QStringList WindowDriver::locks() const
{
    QStringList lines;
    const QAbstractItemModel& model = *view(QStringLiteral("lockTable"))->model();
    for (int row = 0; row < model.rowCount(); ++row) {
        QStringList cells;
        for (const LockColumn column : {LockColumn::Key, LockColumn::Mode, LockColumn::State, LockColumn::Application})
            cells << cell(model, row, static_cast<int>(column));
        lines << cells.join(QLatin1Char(' '));
    }
    return lines;
}

QStringList WindowDriver::statements() const
{
    QStringList lines;
    const QAbstractItemModel& model = *view(QStringLiteral("statementTable"))->model();
    for (int row = 0; row < model.rowCount(); ++row) {
        lines << QStringLiteral("%1: %2 -> %3 %4")
                     .arg(cell(model, row, StatementLogModel::SessionColumn),
                          cell(model, row, StatementLogModel::SqlColumn),
                          cell(model, row, StatementLogModel::ResultColumn),
                          cell(model, row, StatementLogModel::NoticesColumn))
                     .trimmed();
    }
    return lines;
}

} // namespace lockscope::test
