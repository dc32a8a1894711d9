#pragma once

#include "app/console.h"
#include "ui/mainwindow.h"

#include <QAbstractItemView>
#include <QTemporaryDir>

#include <memory>

namespace lockscope::test {

/// A connection string with its password, which people are told not to put on a command line: for servers that live for
/// a minute.
[[nodiscard]] QString connectionText(const Conninfo& conninfo);

/// The whole console with settings of its own, driven as a person would: controls are reached by their objectName,
/// buttons are clicked and fields are typed into. A control that is missing, hidden or greyed out fails the step.
class WindowDriver
{
public:
    explicit WindowDriver(const CommandLine& commandLine);
    ~WindowDriver();
    Q_DISABLE_COPY_MOVE(WindowDriver)

    [[nodiscard]] Console& console() { return *m_console; }
    [[nodiscard]] QMainWindow& window() { return m_console->window(); }

    /// Empty when it went well, else what was in the way: QCOMPARE(driver.click("tryButton"), QString()).
    [[nodiscard]] QString click(const QString& button);
    [[nodiscard]] QString type(const QString& field, const QString& text);
    [[nodiscard]] QString trigger(const QString& action);
    /// Makes the row whose first cell begins with this text current.
    [[nodiscard]] QString select(const QString& view, const QString& text);

    [[nodiscard]] bool isEnabled(const QString& control) const;
    /// What a label, pill, field or plain text view shows.
    [[nodiscard]] QString text(const QString& control) const;
    /// The lock table: "key mode state application" of each row, in shown order.
    [[nodiscard]] QStringList locks() const;
    /// The statement log: "session: sql -> result notices" of each row.
    [[nodiscard]] QStringList statements() const;
    [[nodiscard]] QAbstractItemView* view(const QString& name) const;

private:
    [[nodiscard]] QWidget* find(const QString& name) const;

    QTemporaryDir m_directory;
    std::unique_ptr<Settings> m_settings;
    std::unique_ptr<Console> m_console;
};

} // namespace lockscope::test
